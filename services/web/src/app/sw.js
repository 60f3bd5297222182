// Keeps this build's files, so that the app opens without a network. Nothing of the API is kept
// here: what people wrote lies sealed in the device's own store.
const VERSION = '__VERSION__'
const FILES = __FILES__
const CACHE = `amparo-${VERSION}`

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })))))
})

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('amparo-') && name !== CACHE
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('message', (event) => {
  // Only when the person asks for the new version: a page never changes under their hands.
  if (event.data === 'take-over') self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (/^\/(api|health|rails|livez|readyz)(\/|$)/.test(url.pathname)) return
  const wanted = request.mode === 'navigate' ? '/index.html' : url.pathname
  event.respondWith(
    caches.open(CACHE).then((cache) => cache.match(wanted)).then((kept) => kept ?? fetch(request)),
  )
})
