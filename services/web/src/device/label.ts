/** What a device is called in lists: browser and system, and nothing that tells one phone from its like. */
export function labelOfDevice(agent: string = navigator.userAgent): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1] ?? 'Browser'
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1]
  return system === undefined ? browser : `${browser}, ${system}`
}

/** The first that fits: many call themselves by others' names too. */
const BROWSERS: [RegExp, string][] = [[/Edg/, 'Edge'], [/SamsungBrowser/, 'Samsung Internet'], [/Firefox/, 'Firefox'], [/Chrome/, 'Chrome'], [/Safari/, 'Safari']]
const SYSTEMS: [RegExp, string][] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/CrOS/, 'ChromeOS'], [/Windows/, 'Windows'], [/Mac OS/, 'macOS'], [/Linux/, 'Linux']]
