//! Labels of fixed options, in the languages that Amparo speaks.

use serde_json::{Map, Value, json};

/// Id, English, French, Spanish, Arabic.
const LABELS: [(&str, [&str; 4]); 29] = [
    ("true", ["Yes", "Oui", "Sí", "نعم"]),
    ("false", ["No", "Non", "No", "لا"]),
    ("flagged", ["Flagged", "Signalé", "Marcado", "معلَّم"]),
    ("enabled", ["Enabled", "Actif", "Activo", "مفعّل"]),
    ("disabled", ["Disabled", "Désactivé", "Desactivado", "معطّل"]),
    ("has_photo", ["With photo", "Avec photo", "Con foto", "مع صورة"]),
    ("my_cases", ["My cases", "Mes dossiers", "Mis casos", "حالاتي"]),
    (
        "referred_cases",
        ["Shared with me", "Partagés avec moi", "Compartidos conmigo", "مشتركة معي"],
    ),
    ("pending", ["Pending", "En attente", "Pendiente", "قيد الانتظار"]),
    ("approved", ["Approved", "Approuvé", "Aprobado", "موافق عليه"]),
    ("rejected", ["Rejected", "Rejeté", "Rechazado", "مرفوض"]),
    ("registration_date", ["Registration", "Enregistrement", "Registro", "التسجيل"]),
    ("assessment_requested_on", ["Assessment", "Évaluation", "Evaluación", "التقييم"]),
    ("date_case_plan", ["Case plan", "Plan de prise en charge", "Plan del caso", "خطة الحالة"]),
    ("date_closure", ["Closure", "Clôture", "Cierre", "الإغلاق"]),
    ("followup_dates", ["Follow-up", "Suivi", "Seguimiento", "المتابعة"]),
    ("reunification_dates", ["Reunification", "Réunification", "Reunificación", "لمّ الشمل"]),
    ("tracing_dates", ["Tracing", "Recherche", "Búsqueda", "البحث"]),
    (
        "service_implemented_day_times",
        ["Service provided", "Service fourni", "Servicio prestado", "تقديم الخدمة"],
    ),
    ("reassigned_transferred_on", ["Transfer", "Transfert", "Traslado", "النقل"]),
    ("created_at", ["Creation", "Création", "Creación", "الإنشاء"]),
    ("date_of_first_report", ["First report", "Premier signalement", "Primer informe", "أول بلاغ"]),
    ("incident_date_derived", ["Incident", "Incident", "Incidente", "الحادث"]),
    ("ctfmr_verified_date", ["Verification", "Vérification", "Verificación", "التحقق"]),
    ("inquiry_date", ["Inquiry", "Demande", "Solicitud", "الطلب"]),
    ("family_registration_date", ["Registration", "Enregistrement", "Registro", "التسجيل"]),
    (
        "3.months",
        [
            "No activity for 3 months",
            "Sans activité depuis 3 mois",
            "Sin actividad desde hace 3 meses",
            "بلا نشاط منذ 3 أشهر",
        ],
    ),
    ("open", ["Open", "Ouvert", "Abierto", "مفتوح"]),
    ("closed", ["Closed", "Clôturé", "Cerrado", "مغلق"]),
];

/// Options by language: `{"en": [{"id", "display_name"}]}`. An id may carry its label's after a
/// bar: `true|flagged`.
pub(super) fn labelled(ids: &[&str], locales: &[String]) -> Value {
    let mut by_language = Map::new();
    let english = ["en".to_owned()];
    let locales = if locales.is_empty() { &english[..] } else { locales };
    for locale in locales {
        let options = ids.iter().map(|entry| {
            let (id, name) = entry.split_once('|').unwrap_or((entry, entry));
            json!({"id": id, "display_name": label(name, locale)})
        });
        by_language.insert(locale.clone(), options.collect());
    }
    by_language.into()
}

fn label(name: &str, locale: &str) -> String {
    let language = ["en", "fr", "es", "ar"]
        .iter()
        .position(|known| locale.split(['-', '_']).next() == Some(known))
        .unwrap_or(0);
    LABELS
        .iter()
        .find(|(id, _)| *id == name)
        .map_or_else(|| name.to_owned(), |(_, texts)| texts[language].to_owned())
}
