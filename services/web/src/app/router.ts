/** Every address of the app. Pages are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { readListSearch } from '~/cases/list-search'
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

const cases = createRoute({
  getParentRoute: () => records,
  path: '/cases',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('~/cases/CasesPage')),
})

const newCase = createRoute({
  getParentRoute: () => records,
  path: '/cases/new',
  component: lazyRouteComponent(() => import('~/cases/NewCasePage')),
})

const oneCase = createRoute({
  getParentRoute: () => records,
  path: '/cases/$id',
  component: lazyRouteComponent(() => import('~/cases/CasePage')),
})

const overview = createRoute({
  getParentRoute: () => oneCase,
  path: '/',
  component: lazyRouteComponent(() => import('~/cases/OverviewPage')),
})

const section = createRoute({
  getParentRoute: () => oneCase,
  path: 'section/$section',
  component: lazyRouteComponent(() => import('~/cases/SectionPage')),
})

const edit = createRoute({
  getParentRoute: () => oneCase,
  path: 'edit/$section',
  component: lazyRouteComponent(() => import('~/cases/EditPage')),
})

const history = createRoute({
  getParentRoute: () => oneCase,
  path: 'history',
  component: lazyRouteComponent(() => import('~/cases/HistoryPage')),
})

const access = createRoute({
  getParentRoute: () => oneCase,
  path: 'access',
  component: lazyRouteComponent(() => import('~/cases/AccessPage')),
})

const outbox = createRoute({
  getParentRoute: () => records,
  path: '/outbox',
  component: lazyRouteComponent(() => import('~/outbox/OutboxPage')),
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
  records.addChildren([cases, newCase, oneCase.addChildren([overview, section, edit, history, access]), outbox]),
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
