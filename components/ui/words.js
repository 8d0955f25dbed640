// Identifiers as people read them, as engine/words.py makes them: "order_id" reads "Order ID".
const SPELLINGS = Object.fromEntries(
  "AI API APIs CRM CSS CSV DNS FAQ HTML HTTP HTTPS IBAN ID IDs IP JSON LLM OAuth PDF SKU SMS SQL SSL TLS UI URI URL URLs USD UTC VAT XML YAML"
    .split(" ")
    .map((word) => [word.toLowerCase(), word]),
);

export function inWords(identifier) {
  const text = String(identifier).replaceAll("_", " ").split(" ").map((word) => SPELLINGS[word.toLowerCase()] ?? word).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
