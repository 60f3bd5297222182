//! The walls between tenants, as the catalogue of a database has them: for every table that is
//! there, so that a new one is covered by itself.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use crate::TestDb;

/// What may differ from the rule, and why: a table, a key or a policy by its name.
pub type Exception<'a> = (&'a str, &'a str);

/// Tables and indexes of every service's store that hold no tenant's data or order the whole log.
const OWN: [Exception<'static>; 8] = [
    ("migration", "says which migrations were applied"),
    ("projection", "says which version made the rows"),
    ("relay_cursor", "a place in the log"),
    ("relay_partition", "a place in the log"),
    ("checkpoint", "a place in another service's log"),
    ("poison", "the id of a fact that stops a consumer, and why; no data of it"),
    ("attested", "a place in the log"),
    ("event_order", "the order of the whole log, which only the relay reads"),
];

/// Another policy than `tenant` on the store's tables.
const OWN_POLICIES: [Exception<'static>; 1] =
    [("event.relay", "for the relay's own role and the owner alone")];

const COLUMNS: &str = "select c.relname::text, \
         exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant'), \
         c.relrowsecurity and c.relforcerowsecurity, pg_get_userbyid(c.relowner) = $1 \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname not like 'pg\\_%' \
     and n.nspname <> 'information_schema' order by 1";

const KEYS: &str = "select t.relname::text, i.relname::text, a.attname::text \
     from pg_index x join pg_class i on i.oid = x.indexrelid \
     join pg_class t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace \
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0] \
     where n.nspname not like 'pg\\_%' order by 1, 2";

const POLICIES: &str = "select tablename::text, policyname::text, coalesce(qual, ''), \
         coalesce(with_check, '') from pg_policies order by 1, 2";

/// Fails on any table without a forced policy by tenant, on any key or index that does not start
/// with the tenant, on any policy that opens more, and on anything that the service's role sees
/// without a tenant. `except` names what differs, each with its reason.
pub async fn assert_walls(db: &TestDb, except: &[Exception<'_>]) {
    let faults = faults(db, except).await;
    assert!(faults.is_empty(), "walls between tenants are missing:\n{}", faults.join("\n"));
}

async fn faults(db: &TestDb, except: &[Exception<'_>]) -> Vec<String> {
    let known: BTreeMap<&str, &str> =
        OWN.iter().chain(&OWN_POLICIES).chain(except).copied().collect();
    let free = |name: &str| known.contains_key(name);
    let admin = db.admin().await;
    let mut faults = Vec::new();
    let mut tables = Vec::new();
    for row in admin.query(COLUMNS, &[&db.runtime_role()]).await.expect("the catalogue") {
        let (table, owned): (String, bool) = (row.get(0), row.get(3));
        if owned {
            faults.push(format!("{table} belongs to the service's role, which can open it"));
        }
        if !free(&table) {
            if !row.get::<_, bool>(1) {
                faults.push(format!("{table} has no column tenant"));
            }
            if !row.get::<_, bool>(2) {
                faults.push(format!("{table} does not force row-level security"));
            }
            tables.push(table);
        }
    }
    faults.extend(keys(&admin, free).await);
    faults.extend(policies(&admin, &tables, free).await);
    faults.extend(seen(db, &tables).await);
    faults
}

async fn keys(admin: &Client, free: impl Fn(&str) -> bool) -> Vec<String> {
    let rows = admin.query(KEYS, &[]).await.expect("the catalogue");
    let keys = rows.iter().map(|row| {
        let (table, index): (String, String) = (row.get(0), row.get(1));
        (table, index, row.get::<_, Option<String>>(2))
    });
    keys.filter(|(table, index, first)| {
        !free(table) && !free(index) && first.as_deref() != Some("tenant")
    })
    .map(|(table, index, _)| format!("{index} of {table} does not start with the tenant"))
    .collect()
}

async fn policies(admin: &Client, tables: &[String], free: impl Fn(&str) -> bool) -> Vec<String> {
    let rows = admin.query(POLICIES, &[]).await.expect("the catalogue");
    let mut faults = Vec::new();
    let mut closed = Vec::new();
    for row in rows {
        let (table, policy): (String, String) = (row.get(0), row.get(1));
        let (using, check): (String, String) = (row.get(2), row.get(3));
        let by_tenant = |rule: &str| {
            let rule = rule.replace("NULLIF(", "").replace(", ''::text))", ")");
            rule == "(tenant = (current_setting('amparo.tenant'::text, true))::uuid)"
        };
        if by_tenant(&using) && (check.is_empty() || by_tenant(&check)) {
            closed.push(table);
        } else if !free(&format!("{table}.{policy}")) {
            faults.push(format!("policy {policy} of {table} is not by tenant: {using} {check}"));
        }
    }
    let open = tables.iter().filter(|table| !closed.contains(table));
    faults.extend(open.map(|table| format!("{table} has no policy by tenant")));
    faults
}

/// As the service's role without a tenant, with one row of a tenant in reach where one can be.
async fn seen(db: &TestDb, tables: &[String]) -> Vec<String> {
    let client = db.pool().get().await.expect("a connection");
    let mut faults = Vec::new();
    for setting in ["", "set amparo.tenant = ''", "reset amparo.tenant"] {
        client.batch_execute(setting).await.expect("a setting");
        for table in tables {
            // An empty setting is no UUID: that says no too.
            let sql = format!("select count(*) from {table}");
            if let Ok(row) = client.query_one(&sql, &[]).await
                && row.get::<_, i64>(0) > 0
            {
                faults.push(format!("{table} is seen without a tenant ({setting})"));
            }
        }
    }
    let sql = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";
    if client.query_one(sql, &[]).await.expect("the role").get(0) {
        faults.push("the service's role passes through the walls".to_owned());
    }
    faults
}
