/** What can go wrong with a call, told apart by what a person can do about it. */

export interface FieldFault {
  pointer: string
  code: string
  message: string
}

interface ErrorEntry {
  message?: unknown
  detail?: unknown
  code?: string
  fields?: FieldFault[]
}

/** The server answered, and refused. */
export class Refused extends Error {
  override name = 'Refused'
  readonly faults: FieldFault[]
  /** Codes such as `otp_wanted`. */
  readonly codes: string[]

  constructor(
    readonly status: number,
    readonly entries: ErrorEntry[],
    readonly retryAfter: number | null,
  ) {
    super(`refused with ${status}`)
    this.faults = entries.flatMap((entry) => entry.fields ?? [])
    this.codes = [...entries.flatMap((entry) => entry.code ?? []), ...this.faults.map((fault) => fault.code)]
  }

  /** Sentences of the server that are meant for people. */
  get sentences(): string[] {
    return this.faults.map((fault) => fault.message)
  }

  /** Whether the server says that this part of the call is what it refuses. */
  names(part: string): boolean {
    return this.entries.some(({ detail }) => detail === part || (Array.isArray(detail) && detail.includes(part)))
  }

  /** Whether trying the same again later makes sense. */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500 || this.status === 408
  }
}

/** No answer came: no network, or the server cannot be reached. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

export async function refusal(response: Response): Promise<Refused> {
  const body: unknown = await response.json().catch(() => null)
  const wait = Number(response.headers.get('retry-after'))
  return new Refused(response.status, entriesOf(body), Number.isFinite(wait) && wait > 0 ? wait : null)
}

function entriesOf(body: unknown): ErrorEntry[] {
  if (typeof body !== 'object' || body === null) return []
  if ('errors' in body && Array.isArray(body.errors)) return body.errors as ErrorEntry[]
  if ('error' in body) return [{ message: body.error, ...('code' in body ? { code: String(body.code) } : {}) }]
  return []
}
