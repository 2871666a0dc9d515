"""The tests. What stands here is done before any of them is loaded."""

import sys

# A second of every worker's start: a grammar of addresses no notebook's schema asks for; the commands do without, too.
sys.modules.setdefault("rfc3987_syntax", None)
