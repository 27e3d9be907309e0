//! What there is to say about a charter, point by point: what it means for those who live under it. Each point is a rule
//! with its parameters; the words are made where they are read, in the language of the reader.

use super::blanks::Blank;
use super::{Charter, ClassKind, DecisionType, EmptyClass, Licences, Right, Threshold};
use crate::fraction::Fraction;
use crate::statement::{Custody, EffectKind, Visibility};

/// One rule, or one blank. Classes and decision types are called by what the charter calls them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    Head {
        name: String,
        version: u32,
        articles: usize,
        principles: usize,
        demo: bool,
    },
    Class {
        name: String,
        kind: ClassKind,
        strength: Fraction,
        quorum: Fraction,
        rights: Vec<Right>,
    },
    DecisionType(TypeRules),
    EmptyClass {
        rule: EmptyClass,
    },
    /// A tie does not pass.
    Tie,
    Blocks {
        override_at_least: Fraction,
        grounds: Vec<String>,
    },
    Joining {
        objectors: Vec<String>,
        objection_seconds: i64,
    },
    RollAge {
        minimum_age_seconds: i64,
    },
    Closing {
        opening_seconds: i64,
        settle_seconds: i64,
        delay_seconds: i64,
    },
    Abandonment {
        abandon_seconds: i64,
        recovery: String,
    },
    FirstYear {
        minutes_least: i64,
        minutes_most: i64,
        cents_least: i64,
        cents_most: i64,
        currency: String,
    },
    EveryYear {
        producer_minutes: i64,
        sponsor_share: Fraction,
        validators: u32,
    },
    Readers {
        visibility: Visibility,
    },
    Licences(Licences),
    Blank(Blank),
}

/// What holds for one type of decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRules {
    pub name: String,
    pub minimum_seconds: i64,
    pub threshold: Threshold,
    /// Classes whose members may call it; empty for every class that proposes.
    pub callers: Vec<String>,
    /// The type that a challenge turns it into.
    pub challenge: Option<String>,
    pub effects: Vec<EffectKind>,
    pub custody: Vec<Custody>,
    /// Id of the article that says so; empty where none is named.
    pub article: String,
}

impl Charter {
    /// One point for each rule, then one for each blank.
    pub fn points(&self) -> Vec<Point> {
        let mut points = self.rules();
        points.extend(self.blanks().into_iter().map(Point::Blank));
        points
    }

    /// One point for each rule.
    pub fn rules(&self) -> Vec<Point> {
        let mut points = vec![Point::Head {
            name: self.name.clone(),
            version: self.version,
            articles: self.articles.len(),
            principles: self.principles.len(),
            demo: self.demo,
        }];
        points.extend(self.classes.iter().map(|class| Point::Class {
            name: class.name.clone(),
            kind: class.kind,
            strength: class.strength.clone(),
            quorum: class.quorum.clone(),
            rights: class.rights.clone(),
        }));
        points.extend(self.types.iter().map(|decision_type| self.type_point(decision_type)));
        points.extend(self.count_points());
        points.extend(self.membership_points());
        points.extend(self.closing_points());
        points.extend(self.contribution_points());
        points.push(Point::Readers { visibility: self.visibility });
        points.push(Point::Licences(self.licences.clone()));
        points
    }

    fn type_point(&self, decision_type: &DecisionType) -> Point {
        let challenge = decision_type.challenge.as_deref().and_then(|id| self.decision_type(id));
        Point::DecisionType(TypeRules {
            name: decision_type.name.clone(),
            minimum_seconds: decision_type.minimum_seconds,
            threshold: decision_type.threshold.clone(),
            callers: self.names(&decision_type.callers),
            challenge: challenge.map(|target| target.name.clone()),
            effects: decision_type.effects.clone(),
            custody: decision_type.custody.clone(),
            article: decision_type.article.clone(),
        })
    }

    fn names(&self, classes: &[String]) -> Vec<String> {
        classes.iter().map(|id| self.class(id).map_or_else(|| id.clone(), |class| class.name.clone())).collect()
    }

    fn count_points(&self) -> [Point; 3] {
        let blocks = Point::Blocks {
            override_at_least: self.blocks.override_at_least.clone(),
            grounds: self.blocks.grounds.clone(),
        };
        [Point::EmptyClass { rule: self.empty_class }, Point::Tie, blocks]
    }

    fn membership_points(&self) -> [Point; 2] {
        let joining = Point::Joining {
            objectors: self.names(&self.roll.objectors),
            objection_seconds: self.roll.objection_seconds,
        };
        [joining, Point::RollAge { minimum_age_seconds: self.roll.minimum_age_seconds }]
    }

    fn closing_points(&self) -> [Point; 2] {
        let rules = &self.closing;
        let closing = Point::Closing {
            opening_seconds: rules.opening_seconds,
            settle_seconds: rules.settle_seconds,
            delay_seconds: rules.delay_seconds,
        };
        [closing, Point::Abandonment { abandon_seconds: rules.abandon_seconds, recovery: rules.recovery.clone() }]
    }

    fn contribution_points(&self) -> [Point; 2] {
        let rules = &self.contribution;
        let first = Point::FirstYear {
            minutes_least: rules.first_year_minutes_least,
            minutes_most: rules.first_year_minutes_most,
            cents_least: rules.first_year_cents_least,
            cents_most: rules.first_year_cents_most,
            currency: rules.currency.clone(),
        };
        let every = Point::EveryYear {
            producer_minutes: rules.producer_minutes_yearly,
            sponsor_share: rules.sponsor_share.clone(),
            validators: rules.validators,
        };
        [first, every]
    }
}
