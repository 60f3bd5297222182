/** One stream for all tabs of a browser: one tab holds it and passes on what it hears. */
import type { Told } from './events'
import { followEvents } from './stream'

/** Tells every tab of this person what the server tells; `leads` where this tab is the one that asks. */
export function listenTogether(userId: number, hear: (event: Told, leads: boolean) => void, signal: AbortSignal): void {
  const name = `amparo-live-${userId}`
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<Told>) => hear(data, false)
  signal.addEventListener('abort', () => channel.close())
  const lead = () =>
    followEvents((event) => {
      channel.postMessage(event)
      hear(event, true)
    }, signal)
  // The lock goes with the tab: another one takes over.
  navigator.locks.request(name, { signal }, lead).catch(() => undefined)
}
