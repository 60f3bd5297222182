/** Emptying a person's part of the device: what the server has goes; what it has not stays sealed. */
import { type Vault, openPartition, vaults } from './databases'
import { forgetLastVault, lastVault } from './store'

/** Takes the kept records, everything that was read, and the PIN; answers with the part as it is then. */
export async function wipe(vault: Vault): Promise<Vault> {
  const { pin: _gone, ...left } = vault
  await vaults.put(left)
  const database = await openPartition(vault.id)
  await database.write(['records', 'kept'], (batch) => ['records', 'kept'].forEach(batch.clear))
  database.close()
  if ((await lastVault()) === vault.id) await forgetLastVault()
  return left
}

/** Pieces of work that are nowhere but in this part; what they are about is sealed. */
export async function unsentIn(vault: Vault): Promise<number> {
  const database = await openPartition(vault.id)
  const [drafts, items] = await Promise.all([database.count('drafts'), database.count('outbox')])
  database.close()
  return drafts + items
}
