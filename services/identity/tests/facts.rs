//! What others hear of: facts on a real NATS.

use crate::rig::Rig;

#[tokio::test]
async fn sealed_facts_name_nobody() {
    // The relay itself is tested by kit-bus; here only that identity's mapping registers.
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    assert_eq!(chief.principal.user_name, "chief");
}
