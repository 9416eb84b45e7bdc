"""Every error that the API answers with: functions that put its code, message, details and hint together.

Its codes are those of the catalogue (`api.errors.codes`). `api.database.translate` makes the errors that come from the
database. Every public function of the modules below is available here, as in `errors.unknown_table`.
"""

from api.errors import codes as codes
from api.errors.callers import *
from api.errors.error import *
from api.errors.limits import *
from api.errors.names import *
from api.errors.rows import *
from api.errors.state import *
from api.errors.syntax import *
from api.errors.transactions import *
from api.errors.values import *
