/**
 * What was typed into the search box. It may be a name, so the address holds only a key to it;
 * the words lie in memory and, sealed, on the device.
 */
import { deviceStore } from '~/device/store'

const known = new Map<string, string>()

export function keyOf(typed: string): string {
  for (const [key, words] of known) if (words === typed) return key
  const key = crypto.randomUUID().slice(0, 8)
  known.set(key, typed)
  void deviceStore()?.put('kept', `search/${key}`, typed)
  return key
}

/** The words of a key; nothing when they were typed on another device. */
export async function wordsOf(key: string | undefined): Promise<string> {
  if (key === undefined) return ''
  const words = known.get(key) ?? (await deviceStore()?.get<string>('kept', `search/${key}`)) ?? ''
  known.set(key, words)
  return words
}
