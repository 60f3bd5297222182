/** Dates and times as records hold them. */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/

/** Milliseconds (with fractions) of a date's first moment in UTC, or of a time; nothing for other text. */
export function momentOf(text: string): number | null {
  const day = dayOf(text)
  if (day !== null) return day
  const parts = TIME.exec(text)
  if (parts === null || text.length > 40) return null
  const [, date = '', hour, minute, second = '0', fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] = parts
  const start = dayOf(date)
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (start === null || h > 23 || m > 59 || s > 60) return null
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  return start + ((h * 60 + m) * 60 + Math.min(s, 59)) * 1000 + Number(`0.${fraction || '0'}`) * 1000 - offset
}

/** A day that exists, as milliseconds. */
function dayOf(text: string): number | null {
  const parts = DATE.exec(text)
  if (parts === null) return null
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (year < 1800) return null
  const time = Date.UTC(year, month - 1, day)
  const back = new Date(time)
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? time : null
}

/** Today where the device is, as a date of a record. */
export function today(now = new Date()): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

/** A moment as an input for local date and time shows it. */
export function toLocalInput(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return ''
  const two = (number: number) => String(number).padStart(2, '0')
  return `${today(time)}T${two(time.getHours())}:${two(time.getMinutes())}`
}

export function fromLocalInput(local: string): string | null {
  const time = new Date(local)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
