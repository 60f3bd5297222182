/** One stream for all tabs of a browser: one tab holds it and passes on what it hears. */
import type { Told } from './events'
import { followEvents } from './stream'

/** Follows the server's events in one of the tabs on this channel; that one passes them on to the others. */
export function leadTogether(channel: BroadcastChannel, hear: (event: Told) => void, signal: AbortSignal): void {
  const lead = () =>
    followEvents((event) => {
      channel.postMessage(event)
      hear(event)
    }, signal)
  // The lock goes with the tab: another one takes over.
  navigator.locks.request(channel.name, { signal }, lead).catch(() => undefined)
}
