/**
 * Where a call's trace begins (W3C trace context): here, so that the operator sees it from the
 * device on. All tries of one command, however many days apart, are one trace.
 */

/** The header of one call; chance alone is in it, and the command's id. */
export function traceparent(commandId?: string): string {
  const command = commandId?.replaceAll('-', '').toLowerCase() ?? ''
  const trace = /^(?!0{32})[0-9a-f]{32}$/.test(command) ? command : digits(16)
  return `00-${trace}-${digits(8)}-01`
}

function digits(bytes: number): string {
  const chance = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(chance, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
