//! Kept counts against counting: whatever is told in whatever order, numbers are those of the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use kit_bus::{Fact, Kind};
use kit_proto::common::v1::ListRequest;
use kit_proto::facts::v1::{CaseChanged, Location, LocationsChanged, RecordErased, UserChanged};
use kit_serve::{CallContext, sign_principal};
use kit_store::DataKey;
use reporting::boards::kinds::KNOWN;
use reporting::boards::rebuild::rebuild;
use reporting::boards::tally::{self, Tally};
use reporting::boards::told::{Placed, Row, Told};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{OTHER, Rig, TENANT, parameters};
use kit_access::{Principal, Scope};

const MODULE: &str = "primeromodule-cp";

/// Forms that every tenant here has.
pub fn catalog() -> kit_records::Catalog {
    let options = |ids: &[&str]| -> Value { ids.iter().map(|id| json!({ "id": id })).collect() };
    let select = |name: &str, ids: &[&str], multiple: bool| {
        json!({"name": name, "type": "select_box", "visible": true, "multi_select": multiple,
            "option_strings_text": options(ids)})
    };
    let fields = json!([
        select("risk_level", &["high", "medium", "low"], false),
        select("protection_concerns", &["hunger", "work"], true),
        {"name": "module_id", "type": "text_field", "visible": true},
        {"name": "date_closure", "type": "date_field", "visible": true},
    ]);
    let form = json!({"id": 1, "unique_id": "f", "parent_form": "case", "fields": fields});
    let settings = json!({"reporting_location_config":
        {"field_key": "owned_by_location", "admin_level": 1}});
    let catalog = json!({"version": 1, "forms": [form], "settings": settings});
    serde_json::from_value(catalog).unwrap()
}

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A user's groups, agency and place.
type Home = (Vec<String>, Option<String>, Option<String>);

/// What was told, as the rows should have it.
#[derive(Default)]
struct Model {
    told: BTreeMap<Uuid, Told>,
    people: BTreeMap<String, Home>,
    versions: BTreeMap<String, u64>,
}

impl Model {
    fn placed(&self, told: &Told) -> Placed {
        let known = || told.people.iter().filter_map(|name| self.people.get(name));
        Placed {
            groups: known().flat_map(|(groups, _, _)| groups.clone()).collect(),
            agencies: known().filter_map(|(_, agency, _)| agency.clone()).collect(),
            owners_place: self.people.get(&told.owner).and_then(|(_, _, place)| place.clone()),
        }
    }

    fn tally(&self) -> Tally {
        let mut all = Tally::new();
        for told in self.told.values() {
            let row = Row { placed: self.placed(told), told: told.clone() };
            tally::add(&mut all, &row, "case", 1);
        }
        tally::settle(&mut all);
        all
    }
}

fn fact(stream: &str, version: u64, kind: Kind) -> Fact {
    Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: TENANT.to_string(),
        stream: stream.to_owned(),
        version,
        kind: Some(kind),
        ..Default::default()
    }
}

/// What no form can hold, and so lies open in a fact: the forms here make a text of the module.
fn open_of(document: &Value) -> kit_records::Record {
    [("module_id".to_owned(), document["module_id"].clone())].into_iter().collect()
}

/// A case as a fact tells it: sealed as cases seal it.
fn of_case(id: Uuid, version: u64, document: &Value, key: &DataKey) -> Fact {
    let (name, bytes) = (id.to_string(), version.to_be_bytes());
    let context: [&[u8]; 4] = [b"case_changed", TENANT.as_bytes(), name.as_bytes(), &bytes];
    let case = CaseChanged {
        case_id: name.clone(),
        action: "updated".into(),
        facets: Value::Object(open_of(document)).to_string().into_bytes().into(),
        sealed: key.seal(&context, document.to_string().as_bytes()).into(),
        key_id: key.id.to_string(),
        ..Default::default()
    };
    fact(&format!("case-{id}"), version, Kind::CaseChanged(case))
}

fn of_user(name: &str, version: u64, groups: &[&str], agency: &str, place: &str) -> Fact {
    let user = UserChanged {
        user_name: name.into(),
        id: 1,
        agency: agency.into(),
        groups: groups.iter().map(|one| (*one).to_owned()).collect(),
        location: place.into(),
        ..Default::default()
    };
    fact(&format!("user-{name}"), version, Kind::UserChanged(user))
}

fn random_case(dice: &mut Dice, id: Uuid, today: Date) -> Value {
    let owner = dice.one(&["ann", "bob", "cyd", "dan"]);
    let mut people = vec![owner, dice.one(&["ann", "bob", "cyd", "dan"])];
    people.dedup();
    let day = |dice: &mut Dice| today.saturating_sub(i64::try_from(dice.below(30)).unwrap().days());
    let due = today.saturating_add((i64::try_from(dice.below(20)).unwrap() - 10).days());
    json!({
        "id": id, "owned_by": owner, "associated_user_names": people, "module_id": MODULE,
        "record_state": dice.below(8) > 0, "status": dice.one(&["open", "open", "closed", "transferred"]),
        "workflow": dice.one(&["new", "case_plan"]), "risk_level": dice.one(&["high", "low", "Rana Haddad"]),
        "protection_concerns": [dice.one(&["hunger", "work"]), dice.one(&["hunger", "Rana"])],
        "not_edited_by_owner": dice.below(2) == 0, "created_at": format!("{}T10:00:00.000Z", day(dice)),
        "date_closure": day(dice), "name": "Rana Haddad", "assessment_due_dates": [due],
        "approval_status_closure": dice.one(&["pending", "approved", "Rana"]),
        "approval_status_case_plan": dice.one(&["pending", "rejected"]),
    })
}

/// What no form can hold: alerts, whom a case was given to, with whom it is shared.
fn stamped(dice: &mut Dice, document: &mut Value, today: Date) {
    let day = |dice: &mut Dice| today.saturating_sub(i64::try_from(dice.below(30)).unwrap().days());
    let to = [dice.one(&["ann", "bob"]), dice.one(&["bob", "cyd"])];
    let groups: &[&[&str]] = &[&[], &["g1"], &["g2", "g1"]];
    let more = json!({
        "current_alert_types": [dice.one(&["notes", "incident_from_case"])],
        "reassigned_transferred_on": format!("{}T10:00:00.000Z", day(dice)),
        "referred_users": to, "referred_users_present": true,
        "referred_users_pending": [to[0]], "referred_users_pending_present": dice.below(2) == 0,
        "referred_users_accepted": [to[1]], "referred_users_accepted_present": dice.below(2) == 0,
        "last_referral_rejected_at": day(dice), "last_referral_done_at": day(dice),
        "transferred_to_users": [to[1]], "transferred_to_user_groups": groups[dice.below(3)],
        "transfer_status": dice.one(&["in_progress", "accepted", "rejected"]),
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

impl Rig {
    /// The kept counts, whatever part they lie in.
    async fn counts(&self, tenant: Uuid) -> Tally {
        let tx = self.db.store().build().read(tenant).await.unwrap();
        let sql = "SELECT measure, day, scope, module, key, sum(records)::bigint FROM board_count \
                   WHERE tenant = $1 GROUP BY 1, 2, 3, 4, 5 HAVING sum(records) <> 0";
        let read = |row: &tokio_postgres::Row| {
            let cell = tally::Cell {
                measure: row.get(0),
                day: row.get(1),
                scope: row.get(2),
                module: row.get(3),
                key: row.get(4),
            };
            (cell, row.get(5))
        };
        tx.query(sql, &[&tenant]).await.unwrap().iter().map(read).collect()
    }

    async fn until_counts_are(&self, wanted: &Tally) {
        for _ in 0..800 {
            if self.counts(TENANT).await == *wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let found = self.counts(TENANT).await;
        let odd = |one: &Tally, other: &Tally| -> Vec<String> {
            let differs = one.iter().filter(|(cell, n)| other.get(cell) != Some(n));
            differs.take(5).map(|one| format!("{one:?}")).collect()
        };
        panic!("kept {:#?}\ncounted {:#?}", odd(&found, wanted), odd(wanted, &found));
    }

    pub async fn boards(&self, by: &Principal, query: &str) -> Value {
        let token = sign_principal(&self.key, by).unwrap();
        let call = CallContext::principal(token, kit_test::fresh_id());
        let request = ListRequest { parameters: parameters(query), ..Default::default() };
        let reply = self.shared.peers.reporting().list_dashboards(call.request(request)).await;
        serde_json::from_slice(&reply.unwrap().get_ref().data).unwrap()
    }

    /// The same without moments that pass while one looks.
    async fn steady(&self, by: &Principal) -> Value {
        let mut boards = self.boards(by, "").await;
        for board in boards.as_array_mut().unwrap() {
            if board["name"] == "dashboard.dash_cases_to_assign" {
                let told = board["indicators"].as_object_mut().unwrap();
                told.retain(|name, _| !name.contains("overdue"));
            }
        }
        boards
    }

    async fn home(&self, by: &Principal) -> Value {
        let token = sign_principal(&self.key, by).unwrap();
        let call = CallContext::principal(token, kit_test::fresh_id());
        let reply =
            self.shared.peers.reporting().get_home(call.request(ListRequest::default())).await;
        serde_json::from_slice(&reply.unwrap().get_ref().data).unwrap()
    }
}

pub fn principal(name: &str, scope: Scope, groups: &[&str], boards: &[&str]) -> Principal {
    let mut one = Principal {
        tenant: TENANT,
        user_name: name.into(),
        scope,
        groups: groups.iter().map(|one| (*one).to_owned()).collect(),
        modules: vec![MODULE.into()],
        expires_at: i64::MAX,
        ..Default::default()
    };
    one.permissions.insert("case".into(), vec!["read".into()]);
    let boards = boards.iter().map(|one| (*one).to_owned()).collect();
    one.permissions.insert("dashboard".into(), boards);
    one
}

/// A random life of a few cases, told as it happens, with users who move meanwhile.
async fn live(rig: &Rig, dice: &mut Dice, model: &mut Model, rounds: usize) {
    let today = rig.shared.clock.today();
    let keys = rig.db.keys().port();
    let ids: Vec<Uuid> = (0..12).map(|_| kit_test::fresh_id()).collect();
    let sealed_by = keys.reserve(TENANT, ids.len()).await.unwrap();
    let index = kit_records::CatalogIndex::new(std::sync::Arc::new(catalog()));
    for _ in 0..rounds {
        let at = dice.below(ids.len());
        if dice.below(6) == 0 {
            let name = dice.one(&["ann", "bob", "cyd", "dan"]);
            let groups: &[&[&str]] = &[&["g1"], &["g1", "g2"], &["g2"], &[]];
            let groups = groups[dice.below(4)];
            let (agency, place) = (dice.one(&["a1", "a2"]), dice.one(&["IQ01", "IQ0201"]));
            let version = model.versions.entry(name.into()).or_default();
            *version += 1;
            let told = of_user(name, *version, groups, agency, place);
            rig.publish_of("identity", &told).await;
            let groups = groups.iter().map(|one| (*one).to_owned()).collect();
            model.people.insert(name.into(), (groups, Some(agency.into()), Some(place.into())));
            continue;
        }
        let version = model.versions.entry(ids[at].to_string()).or_default();
        *version += 1;
        let mut document = random_case(dice, ids[at], today);
        stamped(dice, &mut document, today);
        let version = *version;
        let told = of_case(ids[at], version, &document, &sealed_by[at]);
        rig.publish_of("cases", &told).await;
        if dice.below(5) == 0 {
            // Told twice, as NATS may.
            rig.publish_of("cases", &Fact { event_id: kit_test::fresh_id().to_string(), ..told })
                .await;
        }
        let mut told = Told::of(
            &index,
            kit_records::RecordType::Case,
            document.as_object().unwrap(),
            &open_of(&document),
        );
        told.version = version;
        model.told.insert(ids[at], told);
    }
}

#[tokio::test]
async fn kept_counts_are_those_of_the_rows_whatever_happens_and_again_after_a_rebuild() {
    let rig = Rig::start().await;
    let mut model = Model::default();
    for seed in 1..=3 {
        let mut dice = Dice(seed);
        live(&rig, &mut dice, &mut model, 120).await;
        let mut all = model.tally();
        rig.until_counts_are(&all).await;
        // Whatever is asked while they are counted anew is told as before, also when somebody has
        // them counted anew once more meanwhile.
        let head = principal("head", Scope::All, &[], &KNOWN);
        let told = rig.steady(&head).await;
        for round in 0..12 {
            if round % 6 == 0 {
                rebuild(&rig.db.owner()).await.unwrap();
            }
            assert_eq!(rig.steady(&head).await, told, "round {round}");
        }
        rig.until_counts_are(&all).await;
        assert_eq!(rig.steady(&head).await, told);
        // An erased case counts for nothing, and nothing told late brings it back.
        let gone = *model.told.keys().next().unwrap();
        model.told.remove(&gone);
        all = model.tally();
        let erased = RecordErased {
            record_type: "case".into(),
            record_id: gone.to_string(),
            ..Default::default()
        };
        // In the case's own partition, where a rebuild has both in one batch, or in another one.
        let stream = if seed == 2 { "erasure-1".to_owned() } else { format!("case-{gone}") };
        rig.publish_of("cases", &fact(&stream, 1, Kind::RecordErased(erased))).await;
        rig.until_counts_are(&all).await;
        let key = rig.db.keys().port().reserve(TENANT, 1).await.unwrap().remove(0);
        let late =
            of_case(gone, 999, &random_case(&mut dice, gone, rig.shared.clock.today()), &key);
        rig.publish_of("cases", &late).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        rig.until_counts_are(&all).await;
        for id in model.told.keys() {
            let erased = RecordErased {
                record_type: "case".into(),
                record_id: id.to_string(),
                ..Default::default()
            };
            let stream = format!("erasure-{id}");
            rig.publish_of("cases", &fact(&stream, 1, Kind::RecordErased(erased))).await;
        }
        rig.until_counts_are(&Tally::new()).await;
        model.told.clear();
    }
    assert_eq!(rig.counts(OTHER).await, Tally::new());
}

/// Three cases of three people in three groups, in places.
async fn tell_a_few(rig: &Rig) {
    let key = rig.db.keys().port().reserve(TENANT, 3).await.unwrap();
    for (name, groups) in [("ann", &["g1"][..]), ("bob", &["g1", "g2"]), ("cyd", &["g3"])] {
        rig.publish_of("identity", &of_user(name, 1, groups, "a1", "IQ0201")).await;
    }
    let places = ["IQ", "IQ02", "IQ0201"];
    let place = |at: usize| Location {
        code: places[at].into(),
        hierarchy: places[..=at].iter().map(|one| (*one).to_owned()).collect(),
        ..Default::default()
    };
    let locations = LocationsChanged { locations: (0..3).map(place).collect() };
    rig.publish_of("configuration", &fact("places", 1, Kind::LocationsChanged(locations))).await;
    let case = |owner: &str, people: &[&str], risk: &str| {
        json!({"owned_by": owner, "associated_user_names": people, "module_id": MODULE,
            "record_state": true, "status": "open", "workflow": "new", "risk_level": risk,
            "created_at": "2026-01-01T00:00:00.000Z", "assessment_due_dates": ["2026-01-05"]})
    };
    let cases = [
        case("ann", &["ann", "bob"], "high"),
        case("bob", &["bob"], "low"),
        case("cyd", &["cyd"], "high"),
    ];
    for (at, case) in cases.iter().enumerate() {
        let id = kit_test::fresh_id();
        rig.publish_of("cases", &of_case(id, 1, case, &key[at])).await;
    }
}

const BOARDS: [&str; 6] = [
    "case_overview",
    "case_risk",
    "workflow_team",
    "dash_reporting_location",
    "cases_by_task_overdue_assessment",
    "dash_tasks",
];

#[tokio::test]
async fn nobody_counts_what_they_do_not_reach_and_nothing_twice() {
    let rig = Rig::start().await;
    tell_a_few(&rig).await;
    let lead = principal("lead", Scope::Group, &["g1", "g2"], &BOARDS);
    for _ in 0..200 {
        let all = principal("root", Scope::All, &[], &BOARDS);
        if open(&rig.boards(&all, "names[]=case_overview").await) == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    // Ann's case is of bob's groups too, and is one case all the same.
    let told = rig.boards(&lead, "").await;
    assert_eq!(told[0]["name"], "dashboard.case_overview");
    assert_eq!(open(&told), 2);
    assert_eq!(
        told[1]["indicators"]["risk_level"]["high"],
        json!({"count": 1, "query":
        ["record_state=true", "module_id=primeromodule-cp", "status=open", "risk_level=high"]})
    );
    assert_eq!(told[1]["indicators"]["risk_level"]["medium"]["count"], 0);
    let board = |name: &str| -> Value {
        let name = format!("dashboard.{name}");
        told.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["indicators"]
            .clone()
    };
    let team = board("workflow_team");
    let owners: BTreeSet<&String> =
        team["workflow_team_primeromodule-cp"].as_object().unwrap().keys().collect();
    assert_eq!(owners.into_iter().collect::<Vec<_>>(), ["ann", "bob"]);
    let places = board("dash_reporting_location");
    assert_eq!(places["reporting_location_open"]["IQ02"]["count"], 2);
    assert_eq!(places["reporting_location_open"]["IQ02"]["query"][3], "loc:owned_by_location=IQ02");
    let late = board("cases_by_task_overdue_assessment");
    assert_eq!(late["tasks_overdue_assessment"]["ann"]["count"], 1);
    reached_by_others(&rig).await;
}

fn open(of: &Value) -> Value {
    of[0]["indicators"]["total"]["count"].clone()
}

async fn reached_by_others(rig: &Rig) {
    // A user of scope self sees what they are assigned to; of other tenants nothing is counted.
    let bob = principal("bob", Scope::Own, &["g1", "g2"], &BOARDS);
    assert_eq!(open(&rig.boards(&bob, "names[0]=dashboard.case_overview").await), 2);
    let foreign = Principal { tenant: OTHER, ..principal("bob", Scope::All, &[], &BOARDS) };
    assert_eq!(open(&rig.boards(&foreign, "").await), 0);
    // A role without dashboards, or without cases, has none.
    assert_eq!(rig.boards(&principal("bob", Scope::All, &[], &[]), "").await, json!([]));
    let mut blind = principal("bob", Scope::All, &[], &BOARDS);
    blind.permissions.remove("case");
    assert_eq!(rig.boards(&blind, "").await, json!([]));
    // The first page has the same, and the caller's tasks.
    let home = rig.home(&bob).await;
    assert_eq!(home["cases"]["open"]["count"], 2);
    assert_eq!(home["tasks"]["overdue"], 1, "of bob's own cases: {home}");
    assert_eq!(home["dashboards"], rig.boards(&bob, "").await);
    assert!(home.get("incidents").is_none());
    assert!(rig.home(&blind).await.get("cases").is_none());
}

const SHARED: [&str; 8] = [
    "approvals_closure",
    "approvals_closure_pending",
    "action_needed_new_referrals",
    "dash_shared_with_me",
    "dash_shared_with_others",
    "dash_shared_with_my_team",
    "dash_shared_with_my_team_overview",
    "dash_cases_to_assign",
];

/// One case of ann's, given to her some minutes ago, which she shares with bob.
async fn share_one(rig: &Rig, minutes: i64) {
    let key = rig.db.keys().port().reserve(TENANT, 1).await.unwrap().remove(0);
    let given = rig.shared.clock.now().checked_sub(minutes.minutes()).unwrap();
    let case = json!({"owned_by": "ann", "associated_user_names": ["ann", "bob"],
        "module_id": MODULE, "record_state": true, "status": "open", "risk_level": "high",
        "approval_status_closure": "pending", "reassigned_transferred_on": format!("{given:.3}"),
        "referred_users": ["bob"], "referred_users_present": true,
        "referred_users_pending": ["bob"], "referred_users_pending_present": true,
        "transferred_to_users": ["cyd"], "transferred_to_user_groups": ["g2", "g3"],
        "transfer_status": "in_progress"});
    rig.publish_of("cases", &of_case(kit_test::fresh_id(), 1, &case, &key)).await;
}

impl Rig {
    /// A number of a dashboard.
    async fn number(&self, by: &Principal, board: &str, indicator: &str) -> Value {
        let (boards, name) = (self.boards(by, "").await, format!("dashboard.{board}"));
        let board = boards.as_array().unwrap().iter().find(|one| one["name"] == name);
        let board = board.unwrap_or_else(|| panic!("no {name} in {boards}"));
        board["indicators"].pointer(indicator).unwrap()["count"].clone()
    }
}

#[tokio::test]
async fn what_is_shared_is_told_to_both_sides() {
    const OWN: (&str, &str) =
        ("approvals_closure.primeromodule-cp", "/approval_closure_pending.primeromodule-cp");
    let rig = Rig::start().await;
    for (name, groups) in [("ann", &["g1"][..]), ("bob", &["g2"]), ("cyd", &["g3"])] {
        rig.publish_of("identity", &of_user(name, 1, groups, "a1", "IQ0201")).await;
    }
    share_one(&rig, 61).await;
    share_one(&rig, 58).await;
    let ann = principal("ann", Scope::Own, &["g1"], &SHARED);
    let bob = principal("bob", Scope::Own, &["g2"], &SHARED);
    let lead = principal("lead", Scope::Group, &["g2", "g3"], &SHARED);
    for _ in 0..400 {
        if rig.number(&ann, OWN.0, OWN.1).await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let (with_me, team) = ("dash_shared_with_me", "dash_shared_with_my_team");
    let of_team = "approvals_closure_pending.primeromodule-cp";
    let (others, overview) = ("dash_shared_with_others", "dash_shared_with_my_team_overview");
    for (who, board, indicator, count) in [
        (&ann, of_team, "/approval_closure_pending_group.primeromodule-cp", 2),
        (&ann, others, "/shared_with_others_pending_referrals", 2),
        (&ann, others, "/shared_with_others_pending_transfers", 2),
        (&ann, with_me, "/shared_with_me_total_referrals", 0),
        (&ann, "dash_cases_to_assign", "/cases_to_assign_high", 2),
        // Of high risk: an hour, which one of them has passed.
        (&ann, "dash_cases_to_assign", "/cases_to_assign_overdue_high", 1),
        (&bob, "action_needed_new_referrals", "/new_referrals", 2),
        (&bob, with_me, "/shared_with_me_total_referrals", 2),
        (&bob, with_me, "/shared_with_me_accepted_referrals", 0),
        // Not his to ask for.
        (&bob, OWN.0, OWN.1, 0),
        (&lead, team, "/shared_with_my_team_referrals/bob", 2),
        (&lead, team, "/shared_with_my_team_pending_transfers/cyd", 2),
        // Each once, though it goes to two of the groups.
        (&lead, overview, "/shared_with_my_team_pending_transfers_overview", 2),
    ] {
        let told = rig.number(who, board, indicator).await;
        assert_eq!(told, count, "{}: {board}{indicator}", who.user_name);
    }
}
