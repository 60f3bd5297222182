//! Routes as data: what is asked, who answers it, and what the audit log calls it.

use http::Method;
use kit_serve::Service;

use crate::body::Member;

/// An rpc by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rpc {
    pub service: Service,
    pub path: &'static str,
    /// Which records it is about, where it is one of `Records`; else empty.
    pub record_type: &'static str,
}

/// `rpc!(Cases, "cases.v1.Cases/ListCases")`
macro_rules! rpc {
    ($service:ident, $path:literal) => {
        $crate::route::Rpc {
            service: kit_serve::Service::$service,
            path: concat!("/amparo.", $path),
            record_type: "",
        }
    };
}
pub(crate) use rpc;

/// `records!(Cases, Case, "GetRecord")`: a call of `Records` on the service that keeps a type.
macro_rules! records {
    ($service:ident, $record_type:ident, $rpc:literal) => {
        $crate::route::Rpc {
            service: kit_serve::Service::$service,
            path: concat!("/amparo.records.v1.Records/", $rpc),
            record_type: kit_records::RecordType::$record_type.as_str(),
        }
    };
}
pub(crate) use records;

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `ListRequest`
    List(Rpc),
    /// `GetRequest`
    Get(Rpc),
    /// `WriteRequest` with this member of the body
    Write(Rpc, Member),
    /// `DeleteRequest`
    Delete(Rpc),
    /// Something that takes more than one rpc, or none.
    Special(Special),
}

/// The calls that are written out in `handlers/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    SignIn,
    SignOut,
    NoSuchPage,
    PublicData,
    IdentityProviders,
    PasswordResetRequest,
    SelfRegistration,
    AccessLog,
    AccessUsers,
    Visibility,
    Sync,
    OpenConflicts,
    Events,
    RegisterDevice,
    DeviceOrder,
    ConfirmWipe,
    LocationFile,
    AgencyFile,
    FormsWorkbook,
    ApplyConfiguration,
    Session,
    SignOutEverywhere,
    CountAlerts,
    ListFlags,
    ListErasures,
    RequestErasure,
    GetErasure,
    RefuseErasure,
    ApproveErasure,
    OpenApi,
}

/// What the audit log says about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// As in the log's contract: child, user, role ...
    pub record_type: &'static str,
    /// Nothing for calls that leave no entry.
    pub verb: Option<Verb>,
}

/// The action in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `list`, or `index` with a query
    List,
    /// `delete`, or `destroy` with a query
    Delete,
    Named(&'static str),
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: Method,
    /// Segments with `:name` for what varies; `*` at the end for any number of segments.
    pub path: &'static str,
    pub action: Action,
    pub audit: Audit,
    /// Callers need not have signed in.
    pub public: bool,
    /// Bodies may be as large as uploads.
    pub upload: bool,
}

impl Route {
    fn new(
        method: Method,
        path: &'static str,
        action: Action,
        record_type: &'static str,
        verb: Verb,
    ) -> Self {
        let audit = Audit { record_type, verb: Some(verb) };
        Self { method, path, action, audit, public: false, upload: false }
    }

    /// GET that answers many.
    pub fn list(path: &'static str, record_type: &'static str, rpc: Rpc) -> Self {
        Self::new(Method::GET, path, Action::List(rpc), record_type, Verb::List)
    }

    /// GET that answers one.
    pub fn get(path: &'static str, record_type: &'static str, rpc: Rpc) -> Self {
        Self::new(Method::GET, path, Action::Get(rpc), record_type, Verb::Named("show"))
    }

    /// POST that creates.
    pub fn create(path: &'static str, record_type: &'static str, rpc: Rpc) -> Self {
        let action = Action::Write(rpc, Member::Data);
        Self::new(Method::POST, path, action, record_type, Verb::Named("create"))
    }

    /// PATCH, and PUT as its alias.
    pub fn update(path: &'static str, record_type: &'static str, rpc: Rpc) -> Self {
        let action = Action::Write(rpc, Member::Data);
        Self::new(Method::PATCH, path, action, record_type, Verb::Named("update"))
    }

    /// DELETE.
    pub fn delete(path: &'static str, record_type: &'static str, rpc: Rpc) -> Self {
        Self::new(Method::DELETE, path, Action::Delete(rpc), record_type, Verb::Delete)
    }

    /// Anything else.
    pub fn special(
        method: Method,
        path: &'static str,
        record_type: &'static str,
        verb: &'static str,
        special: Special,
    ) -> Self {
        Self::new(method, path, Action::Special(special), record_type, Verb::Named(verb))
    }

    /// The audit log calls it so.
    #[must_use]
    pub fn named(mut self, verb: &'static str) -> Self {
        self.audit.verb = Some(Verb::Named(verb));
        self
    }

    /// The reference answers it by its index.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.audit.verb = Some(Verb::List);
        self
    }

    /// The body's `user` member is what counts.
    #[must_use]
    pub fn of_user_member(mut self) -> Self {
        if let Action::Write(rpc, _) = self.action {
            self.action = Action::Write(rpc, Member::User);
        }
        self
    }

    /// Leaves no audit entry.
    #[must_use]
    pub fn unaudited(mut self) -> Self {
        self.audit.verb = None;
        self
    }

    /// For everyone.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// With large bodies.
    #[must_use]
    pub fn upload(mut self) -> Self {
        self.upload = true;
        self
    }

    /// Whether the path fits; then the varying segments in order, and how many were fixed.
    fn fits<'s>(&self, segments: &'s [String]) -> Option<(usize, Vec<&'s str>)> {
        let mut varying = Vec::new();
        let mut fixed = 0;
        let mut rest = segments.iter();
        for pattern in self.path.split('/').filter(|part| !part.is_empty()) {
            if pattern == "*" {
                return Some((fixed, varying));
            }
            let segment = rest.next()?;
            if pattern.starts_with(':') {
                varying.push(segment.as_str());
            } else if pattern == segment {
                fixed += 1;
            } else {
                return None;
            }
        }
        rest.next().is_none().then_some((fixed, varying))
    }
}

/// A route that fits, with what varies in its path.
#[derive(Debug)]
pub struct Match<'r, 's> {
    pub route: &'r Route,
    pub varying: Vec<&'s str>,
}

impl Match<'_, '_> {
    /// The first varying segment: the id of what the call is about.
    pub fn id(&self) -> &str {
        self.varying.first().copied().unwrap_or("")
    }
}

/// The route for a call; of several the one with the most fixed segments.
pub fn find<'r, 's>(
    routes: &'r [Route],
    method: &Method,
    segments: &'s [String],
) -> Option<Match<'r, 's>> {
    let method = match *method {
        Method::PUT => &Method::PATCH,
        Method::HEAD => &Method::GET,
        _ => method,
    };
    routes
        .iter()
        .filter(|route| route.method == *method)
        .filter_map(|route| route.fits(segments).map(|(fixed, varying)| (fixed, varying, route)))
        .max_by_key(|(fixed, _, _)| *fixed)
        .map(|(_, varying, route)| Match { route, varying })
}
