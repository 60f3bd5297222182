/** Every address of the app. Pages are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound } from '@tanstack/react-router'
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

const users = createRoute({
  getParentRoute: () => settings,
  path: 'users',
  component: lazyRouteComponent(() => import('~/settings/UsersPage')),
})

const roles = createRoute({
  getParentRoute: () => settings,
  path: 'roles',
  component: lazyRouteComponent(() => import('~/settings/RolesPage')),
})

const forms = createRoute({
  getParentRoute: () => settings,
  path: 'forms',
  component: lazyRouteComponent(() => import('~/settings/FormsPage')),
})

const auditLog = createRoute({
  getParentRoute: () => settings,
  path: 'audit-log',
  component: lazyRouteComponent(() => import('~/settings/AuditLogPage')),
})

const routeTree = root.addChildren([
  home,
  tasks,
  records.addChildren([outbox, merge, place.addChildren([list, newRecord, oneRecord.addChildren([overview, section, edit, history, access])])]),
  settings.addChildren([account, users, roles, forms, auditLog]),
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
