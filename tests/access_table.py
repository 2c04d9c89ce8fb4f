"""Who may knock at which route: the table of tests/web/test_access_matrix.py, put together from the tables of the areas."""

from __future__ import annotations

from typing import Final

from tests import access_table_badges as badges
from tests import access_table_deployment as deployment
from tests import access_table_elsewhere as elsewhere
from tests import access_table_endorsing as endorsing
from tests import access_table_framework as framework
from tests import access_table_levels as levels
from tests import access_table_live as live
from tests import access_table_organisations as organisations
from tests import access_table_pages as pages
from tests import access_table_people as people
from tests import access_table_proposals as proposals
from tests import access_table_refresh as refresh
from tests import access_table_releases as releases
from tests.access_rows import Table

ROUTES: Final[Table] = {
    **framework.ROWS,
    **releases.ROWS,
    **proposals.ROWS,
    **pages.ROWS,
    **live.ROWS,
    **people.ROWS,
    **organisations.ROWS,
    **badges.ROWS,
    **levels.ROWS,
    **endorsing.ROWS,
    **elsewhere.ROWS,
    **deployment.ROWS,
    **refresh.ROWS,
}
"""By method and path; several lines of one route are for several kinds of things."""
