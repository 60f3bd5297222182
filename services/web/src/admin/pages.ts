/** The pages of the administration by name; each is loaded when it is opened. */
export const PAGES = {
  users: () => import('./users/UsersPage'),
  user: () => import('./users/UserPage'),
  roles: () => import('./roles/RolesPage'),
  role: () => import('./roles/RolePage'),
  groups: () => import('./groups/GroupsPage'),
  group: () => import('./groups/GroupPage'),
  agencies: () => import('./agencies/AgenciesPage'),
  agency: () => import('./agencies/AgencyPage'),
  forms: () => import('./forms/FormsPage'),
  form: () => import('./forms/FormPage'),
  lookups: () => import('./lookups/LookupsPage'),
  lookup: () => import('./lookups/LookupPage'),
  locations: () => import('./locations/LocationsPage'),
  import: () => import('./locations/ImportPage'),
  location: () => import('./locations/LocationPage'),
  contact: () => import('./contact/ContactPage'),
  modules: () => import('./modules/ModulesPage'),
  conduct: () => import('./conduct/ConductPage'),
  configurations: () => import('./configurations/ConfigurationsPage'),
  configuration: () => import('./configurations/ConfigurationPage'),
  auditLog: () => import('./audit/AuditLogPage'),
}

export type AdminPage = keyof typeof PAGES
