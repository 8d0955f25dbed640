"""Identifiers as people read them: labels, titles and error names that nobody wrote by hand are made here."""

SPELLINGS = {
    "ai": "AI",
    "api": "API",
    "apis": "APIs",
    "crm": "CRM",
    "css": "CSS",
    "csv": "CSV",
    "dns": "DNS",
    "faq": "FAQ",
    "html": "HTML",
    "http": "HTTP",
    "https": "HTTPS",
    "iban": "IBAN",
    "id": "ID",
    "ids": "IDs",
    "ip": "IP",
    "json": "JSON",
    "llm": "LLM",
    "oauth": "OAuth",
    "pdf": "PDF",
    "sku": "SKU",
    "sms": "SMS",
    "sql": "SQL",
    "ssl": "SSL",
    "tls": "TLS",
    "ui": "UI",
    "uri": "URI",
    "url": "URL",
    "urls": "URLs",
    "usd": "USD",
    "utc": "UTC",
    "vat": "VAT",
    "xml": "XML",
    "yaml": "YAML",
}
"""Words that are not spelled like others; components/ui/words.js has the same ones."""


def as_words(identifier: str) -> str:
    """ "http_unknown_host" reads "HTTP unknown host", "order_id" reads "Order ID"."""
    words = identifier.replace("_", " ").lower().split(" ")
    text = " ".join(SPELLINGS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]
