//! What lies on the disk: nothing personal in clear, and read models that are made again equal.

use serde_json::json;

use crate::rig::Rig;

/// Every row of every table as text.
async fn dump(rig: &Rig) -> String {
    let admin = rig.db.admin().await;
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'public'";
    let mut all = String::new();
    for table in admin.query(sql, &[]).await.unwrap() {
        let table: String = table.get(0);
        let sql =
            format!("select t::text, encode(convert_to(t::text, 'UTF8'), 'escape') from {table} t");
        for row in admin.query(&sql, &[]).await.unwrap() {
            all.push_str(row.get(0));
            all.push('\n');
        }
    }
    all
}

/// As `dump` shows bytes.
fn as_bytes(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
}

/// Fails when a text lies in any table, in clear.
pub async fn assert_nowhere(rig: &Rig, secret: &str) {
    let dump = dump(rig).await;
    assert!(!dump.contains(secret), "it lies in clear");
    assert!(!dump.contains(&as_bytes(secret)), "it lies in clear bytes");
}

#[tokio::test]
async fn nothing_personal_lies_in_clear() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let agency = json!({"agency_code": "Z", "name": {"en": "Z"}, "contact_name": "Quentin Quill"});
    let agency = chief.create_agency("", agency).await.unwrap()["id"].clone();
    let secrets = [
        "Wilhelmina Secret",
        "wilhelmina@secret.example",
        "+25761234567",
        "Quentin Quill",
        "Hush Place",
        "Typed Name",
    ];
    let body = json!({"user_name": "w1", "full_name": secrets[0], "email": secrets[1], "phone": secrets[2],
        "position": secrets[4], "agency_id": agency, "role_unique_id": role, "password": "Plain-pass-99",
        "password_confirmation": "Plain-pass-99"});
    let id = chief.create_user("", body).await.unwrap()["id"].clone();
    chief.update_user(id, json!({"phone": "+257999"})).await.unwrap();
    let search = json!({"name": "s", "record_type": "cases", "filters": [{"name": "name", "value": [secrets[5]]}]});
    chief.create_saved_search("", search).await.unwrap();
    rig.try_sign_in(chief.tenant, "Wilhelmina Secret", "Plain-pass-99")
        .await
        .map(drop)
        .unwrap_err();
    rig.try_sign_in(chief.tenant, "w1", "Plain-pass-99").await.unwrap();
    let dump = dump(&rig).await;
    for secret in secrets.iter().chain(&["Plain-pass-99", "argon2id", &chief.session[..]]) {
        assert!(!dump.contains(secret), "{secret} lies in clear");
        assert!(!dump.contains(&as_bytes(secret)), "{secret} lies in clear bytes");
    }
    assert!(dump.contains("directory_entry") || dump.contains("w1"), "the dump sees rows at all");
}

#[tokio::test]
async fn tables_of_tenants_force_row_level_security() {
    let rig = Rig::start().await;
    let admin = rig.db.admin().await;
    let sql = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid \
        and a.attname = 'tenant' and a.attnum > 0 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace \
        and not (c.relrowsecurity and c.relforcerowsecurity)";
    let open: Vec<String> =
        admin.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(open, Vec::<String>::new());
}
