//! The worked example without the individuals' ballots: the charter's rule for empty classes turns the result.

use folkmoot_governance::charter::EmptyClass;
use folkmoot_governance::fraction::Fraction;

use crate::harness::Plan;
use crate::harness::people::INDIVIDUAL;
use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};

on_both_databases!(strength_of_an_empty_class_is_redistributed, strength_of_an_empty_class_lapses);

async fn strength_of_an_empty_class_is_redistributed(database: Database) -> anyhow::Result<()> {
    check(database, EmptyClass::Redistribute, Fraction::new(35, 54), true).await
}

async fn strength_of_an_empty_class_lapses(database: Database) -> anyhow::Result<()> {
    check(database, EmptyClass::Lapse, Fraction::new(175, 360), false).await
}

async fn check(database: Database, rule: EmptyClass, result: Fraction, passes: bool) -> anyhow::Result<()> {
    let plan = Plan::new(4).on(database).with_worked_example().with_charter(|charter| charter.empty_class = rule);
    let consortium = plan.found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(10)).await?;
    consortium.cast_planned(&vote, |member| member.class != INDIVIDUAL).await?;
    let decision = consortium.decided(&vote).await?;
    let counted = Counted(&decision);
    assert_eq!((counted.result()?, counted.passed()), (result, passes));
    // Whatever the rule, the reader sees what the other would have come to.
    assert_eq!(counted.reading("redistribute")?, Fraction::new(35, 54));
    assert_eq!(counted.reading("lapse")?, Fraction::new(175, 360));
    consortium.stop().await
}
