import { expect, it } from 'vitest'
import type { Role } from '../api'
import { roleBody, roleDiff, roleForm } from './diff'

const role: Role = {
  id: 3, unique_id: 'role-worker', name: 'Worker', group_permission: 'group', is_manager: false, referral: false, transfer: false, referral_authorization: false, disabled: false,
  module_unique_ids: ['primeromodule-cp'], permissions: { case: ['read', 'write'], objects: { role: ['role-x'] } }, form_section_read_write: { basic: 'rw', notes: 'r' },
}
const before = roleForm(role)

it('names each right that is given or taken', () => {
  const diff = roleDiff(before, { ...before, permissions: { case: ['read', 'assign'], incident: ['read'] } })
  expect(diff.rights).toEqual([
    { granted: true, resource: 'case', action: 'assign' },
    { granted: false, resource: 'case', action: 'write' },
    { granted: true, resource: 'incident', action: 'read' },
  ])
  expect(diff.takes).toBe(true)
})

it('names each form that becomes visible, writable, or neither', () => {
  const diff = roleDiff(before, { ...before, forms: { basic: 'r', services: 'rw' } })
  expect(diff.forms).toEqual([{ form: 'basic', from: 'rw', to: 'r' }, { form: 'notes', from: 'r', to: '' }, { form: 'services', from: '', to: 'rw' }])
})

it('a narrower scope takes, a wider one gives', () => {
  expect(roleDiff(before, { ...before, group_permission: 'self' }).takes).toBe(true)
  expect(roleDiff(before, { ...before, group_permission: 'all' }).takes).toBe(false)
  expect(roleDiff(before, { ...before, group_permission: 'all' }).scope).toEqual({ from: 'group', to: 'all' })
})

it('nothing changed is nothing said', () => {
  const diff = roleDiff(before, roleForm(role))
  expect([diff.rights, diff.forms, diff.scope, diff.flags, diff.renamed, diff.takes]).toEqual([[], [], null, [], false, false])
})

it('what a role may give others is kept, and empty resources are not sent', () => {
  const body = roleBody({ ...before, permissions: { case: ['read'], incident: [] } })
  expect(body.permissions).toEqual({ case: ['read'], objects: { role: ['role-x'] } })
})
