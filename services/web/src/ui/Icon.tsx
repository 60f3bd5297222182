/** The few pictures that stand beside words. Those that point somewhere turn with the direction. */
const PATHS = {
  home: 'M3 11 12 4l9 7v9a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z',
  cases: 'M4 7a1 1 0 0 1 1-1h5l2 2h7a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1z',
  outbox: 'M4 13v6h16v-6M12 15V4m-4 4 4-4 4 4',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm9 16-4-4',
  close: 'm6 6 12 12M18 6 6 18',
  add: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  forward: 'm9 5 7 7-7 7',
  down: 'm6 9 6 6 6-6',
  filter: 'M4 6h16M7 12h10M10 18h4',
  hide: 'M4 4l16 16M9.9 5.2A10 10 0 0 1 12 5c6 0 9 7 9 7a15 15 0 0 1-2.4 3.3M6.3 7.3A15 15 0 0 0 3 12s3 7 9 7a9 9 0 0 0 4-1',
  show: 'M3 12s3-7 9-7 9 7 9 7-3 7-9 7-9-7-9-7Zm9-3a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z',
  edit: 'M4 20h4L19 9l-4-4L4 16z',
  print: 'M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  menu: 'M4 7h16M4 12h16M4 17h16',
  registry: 'M6 4h12v16H6zM9 8h6M9 12h6M9 16h3',
  merge: 'M6 4v4c0 4 6 4 6 8v4M18 4v4c0 4-6 4-6 8',
  tasks: 'M4 6l1.5 1.5L8 5M4 12l1.5 1.5L8 11M4 18l1.5 1.5L8 17M11 6h9M11 12h9M11 18h9',
  people: 'M9 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM3 19c0-3 3-5 6-5s6 2 6 5M16 6a3 3 0 0 1 0 5m2 3c2 .6 3 2.3 3 5',
  flag: 'M6 21V4h12l-3 4 3 4H6',
  field: 'M3 8a13 13 0 0 1 18 0M7 12a7 7 0 0 1 10 0M12 17v.01M4 4l16 16',
  warning: 'M12 4 2.5 20h19zM12 10v4m0 3v.01',
} as const

const TURNING: ReadonlySet<string> = new Set(['back', 'forward'])

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={TURNING.has(name) ? 'icon icon-turning' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
