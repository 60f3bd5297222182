/**
 * The way to the gateway. What the server says is never left to the browser's cache, which lies on
 * the disk in clear.
 */
import { isFieldMode } from './field-mode'
import { Unreachable, refusal } from './problem'
import { traceparent } from './trace'

export type Query = Record<string, string | number | boolean | string[] | undefined>

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  query?: Query
  body?: unknown
  /** Makes a repeated write harmless. */
  commandId?: string
  /** The version of the record that a write is based on. */
  baseVersion?: number | undefined
  signal?: AbortSignal
  /** A status that comes with an answer to be read, though it is none of success. */
  answersAlso?: number
  headers?: Record<string, string>
  /** Milliseconds until the call counts as unanswered. */
  patience?: number
}

export interface Answer<T> {
  data: T
  metadata: Record<string, unknown>
  /** The record's version, where the answer is about one. */
  version: number | undefined
  /** By which the server knows this very answer again. */
  tag: string | null
}

type Listener = () => void
const expired = new Set<Listener>()
const ordered = new Set<Listener>()

/** Hears when the server no longer knows the session. */
export function onSessionExpired(listener: Listener): () => void {
  expired.add(listener)
  return () => expired.delete(listener)
}

/** Hears when the server wants this device emptied. */
export function onWipeOrdered(listener: Listener): () => void {
  ordered.add(listener)
  return () => ordered.delete(listener)
}

export function tellExpired(): void {
  for (const listener of expired) listener()
}

export function tellWipeOrdered(): void {
  for (const listener of ordered) listener()
}

export async function call<T>(path: string, options: Call = {}): Promise<Answer<T>> {
  return answerOf<T>(await accepted(path, options))
}

/** Nothing where the server still has what it gave under the tag. */
export async function callIfNew<T>(path: string, tag: string | undefined, options: Call = {}): Promise<Answer<T> | null> {
  const headers = tag === undefined ? {} : { 'If-None-Match': tag }
  const response = await accepted(path, { ...options, headers, answersAlso: 304 })
  return response.status === 304 ? null : answerOf<T>(response)
}

/** How often somebody signed in: what an earlier session is refused says nothing of the present one. */
let sessions = 0

async function accepted(path: string, options: Call): Promise<Response> {
  const began = sessions
  const response = await send(path, options)
  if (response.ok && options.method === 'POST' && path.endsWith('/tokens')) sessions += 1
  if (!response.ok && response.status !== options.answersAlso) {
    const problem = await refusal(response)
    const isOrder = problem.entries.some((entry) => entry.message === 'device.wiped')
    if (isOrder) tellWipeOrdered()
    else if (response.status === 401 && began === sessions && !path.endsWith('/tokens')) tellExpired()
    throw problem
  }
  return response
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const body = response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>)
  const version = Number(response.headers.get('record-version'))
  return {
    data: ('data' in body ? body.data : body) as T,
    metadata: (body.metadata ?? {}) as Record<string, unknown>,
    version: version > 0 ? version : undefined,
    tag: response.headers.get('etag'),
  }
}

async function send(path: string, options: Call): Promise<Response> {
  const { method = 'GET', patience = 30_000 } = options
  if (isFieldMode()) throw new Unreachable()
  const late = AbortSignal.timeout(patience)
  const init: RequestInit = {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    headers: headersOf(method, options),
    signal: options.signal === undefined ? late : AbortSignal.any([late, options.signal]),
  }
  if (options.body !== undefined) init.body = JSON.stringify(options.body)
  try {
    return await fetch(path + queryOf(options.query), init)
  } catch (error) {
    if (options.signal?.aborted === true) throw error
    throw new Unreachable()
  }
}

function headersOf(method: string, options: Call): Headers {
  const headers = new Headers({ 'Accept-Language': document.documentElement.lang, ...options.headers })
  headers.set('traceparent', traceparent(options.commandId))
  if (method !== 'GET') headers.set('X-CSRF-Token', csrfToken())
  if (options.body !== undefined) headers.set('Content-Type', 'application/json')
  if (options.commandId !== undefined) headers.set('Idempotency-Key', options.commandId)
  if (options.baseVersion !== undefined) headers.set('If-Match', `"${options.baseVersion}"`)
  return headers
}

function csrfToken(): string {
  const pair = document.cookie.split('; ').find((one) => one.startsWith('CSRF-TOKEN='))
  return decodeURIComponent(pair?.slice('CSRF-TOKEN='.length) ?? '')
}

/** Lists go out as `a[0]=x&a[1]=y`, which every endpoint reads. */
export function queryOf(query: Query | undefined): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) value.forEach((one, at) => pairs.append(`${name}[${at}]`, one))
    else if (value !== undefined) pairs.append(name, String(value))
  }
  const text = pairs.toString()
  return text === '' ? '' : `?${text}`
}
