import { useQuery } from '@tanstack/react-query'
import { inLanguage } from '~/records/catalog'
import { Changes, Review } from '../Review'
import { type Role, allFormsQuery, usersOfRoleQuery } from '../api'
import { useAdminWords } from '../words'
import { type RoleForm, roleDiff } from './diff'
import { flagName, resourceName, rightName, scopeName } from './names'

interface Props {
  role: Role | null
  before: RoleForm
  after: RoleForm
  onClose: () => void
  onConfirm: () => void
}

/** What is granted, what is taken, and how many people it concerns: read before it counts. */
export function ReviewDialog({ role, before, after, onClose, onConfirm }: Props) {
  const words = useAdminWords()
  const { t } = words
  const users = useQuery({ ...usersOfRoleQuery(role?.id ?? 0), enabled: role !== null })
  const diff = roleDiff(before, after)
  const forms = useFormNames()
  const formRight = (right: string) => t(right === 'rw' ? 'roles.form_write' : right === 'r' ? 'roles.form_read' : 'roles.form_none')
  const granted = diff.rights.filter((one) => one.granted)
  const taken = diff.rights.filter((one) => !one.granted)
  return (
    <Review title={t('roles.review_title')} takes={diff.takes} act={t('save.save')} onClose={onClose} onConfirm={onConfirm}>
      {role !== null && <p className={diff.takes ? 'note note-warning' : 'note'}>{users.data === undefined ? t('ui.one_moment') : t('roles.concerns', { count: users.data })}</p>}
      {diff.renamed && <p>{t('roles.renamed')}</p>}
      {diff.scope !== null && <p>{t('roles.scope')}: <del>{scopeName(words, diff.scope.from)}</del> → <strong>{scopeName(words, diff.scope.to)}</strong></p>}
      {[...diff.modules.granted.map((id) => [id, true] as const), ...diff.modules.taken.map((id) => [id, false] as const)].map(([id, on]) => <p key={id}>{t('roles.modules')}: {id} · <strong>{t(on ? 'roles.granted' : 'roles.taken')}</strong></p>)}
      {diff.flags.map(({ flag, on }) => <p key={flag}>{flagName(words, flag)}: <strong>{t(on ? 'value.yes' : 'value.no')}</strong></p>)}
      <Changes title={t('roles.takes')} kind="gone" lines={taken.map((one) => `${resourceName(words, one.resource)}: ${rightName(words, one.action)}`)} />
      <Changes title={t('roles.grants')} kind="new" lines={granted.map((one) => `${resourceName(words, one.resource)}: ${rightName(words, one.action)}`)} />
      <Changes title={t('roles.permitted_forms')} kind="" lines={diff.forms.map((one) => `${forms(one.form)}: ${formRight(one.from)} → ${formRight(one.to)}`)} />
    </Review>
  )
}

function useFormNames(): (id: string) => string {
  const { language } = useAdminWords()
  const forms = useQuery(allFormsQuery)
  return (id) => inLanguage(forms.data?.find((one) => one.unique_id === id)?.name, language) || id
}
