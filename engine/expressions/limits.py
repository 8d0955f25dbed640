"""How much one template may be, read, make and do; chosen so that the worst allowed template stays under about a second and 16 MB."""

MAX_SOURCE_CHARS = 100_000
MAX_EXPRESSION_CHARS = 4_000  # inside one {{ }} or {% %}
MAX_PARENTHESES = 100  # inside one expression; the library's tokenizer looks ahead from each of them
MAX_BLOCK_DEPTH = 30
MAX_TEXT_CHARS = 2_000_000  # a rendered text, or what one filter makes
MAX_JSON_CHARS = 1_000_000  # what from_json reads
MAX_JSON_DEPTH = 60
MAX_ITEMS = 50_000  # a list that a filter makes
MAX_LOCALS_WEIGHT = 4_000_000  # characters kept by assign and capture
MAX_WORK = 500_000  # look-ups, loop turns (4 each) and filtered text, in steps of roughly a quarter of a microsecond
MAX_INTEGER = 10**30
