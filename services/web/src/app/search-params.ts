/** Searches in addresses as plain `name=value`, which people can read and share. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== '') pairs.set(name, String(value))
  }
  // Commas, colons and dots stand for themselves; they separate values here.
  const readable = pairs.toString().replace(/%2C/g, ',').replace(/%3A/g, ':')
  return readable === '' ? '' : `?${readable}`
}
