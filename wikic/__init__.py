"""Wiki-C: an open, moderated, versioned framework of occupations and competencies."""

__version__ = "0.1.0"
