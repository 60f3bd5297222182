/** Every address of the app. Pages are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound } from '@tanstack/react-router'
import type { AdminPage } from '~/admin/pages'
import { readListSearch } from '~/lists/list-search'
import { kindAt } from '~/records/kinds'
import { readRange } from '~/tasks/lines'
import { NotFound } from './NotFound'
import { PageFailure } from './PageFailure'
import { Shell } from './Shell'
import { RecordsFrame } from './RecordsFrame'
import { parseSearch, stringifySearch } from './search-params'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('~/home/HomePage')),
})

/** Pages that show records stand behind the configuration. */
const records = createRoute({ getParentRoute: () => root, id: 'records', component: RecordsFrame })

/** The place of a record type; other words are no address. */
const place = createRoute({
  getParentRoute: () => records,
  path: '/$place',
  beforeLoad: ({ params }) => {
    if (kindAt(params.place) === undefined) throw notFound()
  },
})

const list = createRoute({
  getParentRoute: () => place,
  path: '/',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('~/lists/ListPage')),
})

const newRecord = createRoute({
  getParentRoute: () => place,
  path: 'new',
  component: lazyRouteComponent(() => import('~/record-pages/NewRecordPage')),
})

const oneRecord = createRoute({
  getParentRoute: () => place,
  path: '$id',
  component: lazyRouteComponent(() => import('~/record-pages/RecordPage')),
})

const overview = createRoute({
  getParentRoute: () => oneRecord,
  path: '/',
  component: lazyRouteComponent(() => import('~/record-pages/OverviewPage')),
})

const section = createRoute({
  getParentRoute: () => oneRecord,
  path: 'section/$section',
  component: lazyRouteComponent(() => import('~/record-pages/SectionPage')),
})

const edit = createRoute({
  getParentRoute: () => oneRecord,
  path: 'edit/$section',
  component: lazyRouteComponent(() => import('~/record-pages/EditPage')),
})

const history = createRoute({
  getParentRoute: () => oneRecord,
  path: 'history',
  component: lazyRouteComponent(() => import('~/record-pages/HistoryPage')),
})

const matches = createRoute({
  getParentRoute: () => oneRecord,
  path: 'matches',
  validateSearch: (search: Record<string, unknown>): { trace?: string } => (typeof search.trace === 'string' ? { trace: search.trace } : {}),
  component: lazyRouteComponent(() => import('~/tracing/MatchesPage')),
})

const access = createRoute({
  getParentRoute: () => oneRecord,
  path: 'access',
  component: lazyRouteComponent(() => import('~/record-pages/AccessPage')),
})

const outbox = createRoute({
  getParentRoute: () => records,
  path: '/outbox',
  component: lazyRouteComponent(() => import('~/outbox/OutboxPage')),
})

const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  validateSearch: readRange,
  component: lazyRouteComponent(() => import('~/tasks/TasksPage')),
})

const merge = createRoute({
  getParentRoute: () => records,
  path: '/merge',
  component: lazyRouteComponent(() => import('~/merge/MergePage')),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('~/settings/SettingsPage')),
})

const account = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('~/settings/AccountPage')),
})

/** Pages of the administration: which file each is stands apart, so that others do not load the list. */
const admin = createRoute({ getParentRoute: () => settings, id: 'admin', component: lazyRouteComponent(() => import('~/admin/AdminFrame')) })
const adminPage = (name: AdminPage) => lazyRouteComponent(async () => (await import('~/admin/pages')).PAGES[name]())

const adminPages = [
  createRoute({ getParentRoute: () => admin, path: 'users', component: adminPage('users') }),
  createRoute({ getParentRoute: () => admin, path: 'users/$id', component: adminPage('user') }),
  createRoute({ getParentRoute: () => admin, path: 'roles', component: adminPage('roles') }),
  createRoute({ getParentRoute: () => admin, path: 'roles/$id', component: adminPage('role') }),
  createRoute({ getParentRoute: () => admin, path: 'groups', component: adminPage('groups') }),
  createRoute({ getParentRoute: () => admin, path: 'groups/$id', component: adminPage('group') }),
  createRoute({ getParentRoute: () => admin, path: 'agencies', component: adminPage('agencies') }),
  createRoute({ getParentRoute: () => admin, path: 'agencies/$id', component: adminPage('agency') }),
  createRoute({ getParentRoute: () => admin, path: 'forms', component: adminPage('forms') }),
  createRoute({ getParentRoute: () => admin, path: 'forms/$id', component: adminPage('form') }),
  createRoute({ getParentRoute: () => admin, path: 'lookups', component: adminPage('lookups') }),
  createRoute({ getParentRoute: () => admin, path: 'lookups/$id', component: adminPage('lookup') }),
  createRoute({ getParentRoute: () => admin, path: 'locations', component: adminPage('locations') }),
  createRoute({ getParentRoute: () => admin, path: 'locations/import', component: adminPage('import') }),
  createRoute({ getParentRoute: () => admin, path: 'locations/$id', component: adminPage('location') }),
  createRoute({ getParentRoute: () => admin, path: 'contact', component: adminPage('contact') }),
  createRoute({ getParentRoute: () => admin, path: 'modules', component: adminPage('modules') }),
  createRoute({ getParentRoute: () => admin, path: 'conduct', component: adminPage('conduct') }),
  createRoute({ getParentRoute: () => admin, path: 'configurations', component: adminPage('configurations') }),
  createRoute({ getParentRoute: () => admin, path: 'configurations/$id', component: adminPage('configuration') }),
  createRoute({ getParentRoute: () => admin, path: 'audit-log', component: adminPage('auditLog') }),
] as const

const routeTree = root.addChildren([
  home,
  tasks,
  records.addChildren([outbox, merge, place.addChildren([list, newRecord, oneRecord.addChildren([overview, section, edit, matches, history, access])])]),
  settings.addChildren([account, admin.addChildren([...adminPages])]),
])

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: PageFailure,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
