/** What a change of a role gives and takes. Pure. */
import type { Role } from '../api'

export interface RoleForm {
  name: string
  description: string
  group_permission: string
  is_manager: boolean
  referral: boolean
  transfer: boolean
  referral_authorization: boolean
  second_factor_required: boolean
  disabled: boolean
  module_unique_ids: string[]
  permissions: Record<string, string[]>
  /** What the role may give others: kept as the server has it. */
  objects: Record<string, unknown>
  forms: Record<string, string>
}

export const FLAGS = ['is_manager', 'referral', 'transfer', 'referral_authorization', 'second_factor_required', 'disabled'] as const

export function roleForm(role: Role | null): RoleForm {
  const { objects = {}, ...rest } = role?.permissions ?? {}
  const actions = Object.entries(rest).filter((one): one is [string, string[]] => Array.isArray(one[1]))
  return {
    name: role?.name ?? '', description: role?.description ?? '', group_permission: role?.group_permission ?? 'self',
    is_manager: role?.is_manager ?? false, referral: role?.referral ?? false, transfer: role?.transfer ?? false,
    referral_authorization: role?.referral_authorization ?? false, second_factor_required: role?.second_factor_required ?? false, disabled: role?.disabled ?? false,
    module_unique_ids: role?.module_unique_ids ?? [], permissions: Object.fromEntries(actions.map(([resource, list]) => [resource, [...list]])),
    objects: objects as Record<string, unknown>, forms: { ...role?.form_section_read_write },
  }
}

export function roleBody(form: RoleForm): Record<string, unknown> {
  const { permissions, objects, forms, ...rest } = form
  const held = Object.fromEntries(Object.entries(permissions).filter(([, actions]) => actions.length > 0))
  return { ...rest, name: form.name.trim(), permissions: { ...held, objects }, form_section_read_write: forms }
}

export interface Change {
  granted: boolean
  resource: string
  action: string
}

/** A form that is seen or written by more or fewer people; '' stands for not at all. */
export interface FormChange {
  form: string
  from: string
  to: string
}

export interface RoleDiff {
  rights: Change[]
  forms: FormChange[]
  scope: { from: string; to: string } | null
  modules: { granted: string[]; taken: string[] }
  flags: { flag: (typeof FLAGS)[number]; on: boolean }[]
  renamed: boolean
  /** Whether somebody loses something. */
  takes: boolean
}

const WIDTH = ['identified', 'self', 'group', 'agency', 'all']

export function roleDiff(before: RoleForm, after: RoleForm): RoleDiff {
  const rights = [...new Set([...Object.keys(before.permissions), ...Object.keys(after.permissions)])].sort().flatMap((resource): Change[] => {
    const had = new Set(before.permissions[resource])
    const has = new Set(after.permissions[resource])
    const granted = [...has].filter((one) => !had.has(one)).map((action) => ({ granted: true, resource, action }))
    return [...granted, ...[...had].filter((one) => !has.has(one)).map((action) => ({ granted: false, resource, action }))]
  })
  const forms = [...new Set([...Object.keys(before.forms), ...Object.keys(after.forms)])].sort()
    .map((form) => ({ form, from: before.forms[form] ?? '', to: after.forms[form] ?? '' }))
    .filter((one) => one.from !== one.to)
  const scope = before.group_permission === after.group_permission ? null : { from: before.group_permission, to: after.group_permission }
  const modules = {
    granted: after.module_unique_ids.filter((one) => !before.module_unique_ids.includes(one)),
    taken: before.module_unique_ids.filter((one) => !after.module_unique_ids.includes(one)),
  }
  const flags = FLAGS.filter((flag) => before[flag] !== after[flag]).map((flag) => ({ flag, on: after[flag] }))
  const narrower = scope !== null && WIDTH.indexOf(scope.to) < WIDTH.indexOf(scope.from)
  return {
    rights, forms, scope, modules, flags,
    renamed: before.name !== after.name || before.description !== after.description,
    takes: rights.some((one) => !one.granted) || forms.some((one) => one.to.length < one.from.length) || modules.taken.length > 0 || narrower || flags.some((one) => one.flag === 'disabled' && one.on),
  }
}
