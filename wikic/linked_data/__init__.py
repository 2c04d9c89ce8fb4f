"""The framework as linked data: SKOS, SKOS-XL, PROV-O, DCAT, VoID and our own terms. Knows the domain, not the store."""
