//! What invented case workers write: short sentences, joined at random.

use crate::seed::dice::Dice;
use crate::seed::names::Language;

/// Sentences of one language by what they are about.
#[derive(Debug)]
pub struct Phrases {
    pub subjects: &'static [&'static str],
    pub notes: &'static [&'static str],
    pub visits: &'static [&'static str],
    pub services: &'static [&'static str],
    pub concerns: &'static [&'static str],
    pub goals: &'static [&'static str],
    pub assessments: &'static [&'static str],
    pub tracing: &'static [&'static str],
    pub closings: &'static [&'static str],
    pub streets: &'static [&'static str],
}

/// The sentences of a language.
pub const fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Arabic => &ARABIC,
    }
}

/// One to three different sentences of a list.
pub fn some(dice: &mut Dice, sentences: &'static [&'static str]) -> String {
    let first = dice.below(sentences.len());
    let count = 1 + dice.below(3);
    let step = 1 + dice.below(sentences.len() - 1);
    let chosen: Vec<&str> = (0..count.min(sentences.len()))
        .map(|at| sentences[(first + at * step) % sentences.len()])
        .collect();
    let mut distinct = chosen.clone();
    distinct.dedup();
    distinct.join(" ")
}

const ENGLISH: Phrases = Phrases {
    subjects: &[
        "Home visit",
        "Phone call",
        "Meeting with the caregiver",
        "School",
        "Supervision",
        "Clinic",
        "Case conference",
    ],
    notes: &[
        "The child was calm and told about school.",
        "The caregiver asked for help with the rent.",
        "The neighbours look after the younger ones in the morning.",
        "We agreed to meet again next week.",
        "The child sleeps badly since the move.",
        "A teacher reported that the child comes regularly.",
        "The family has no winter clothes.",
        "The child would like to learn carpentry.",
        "Nobody answered the phone; we will try again tomorrow.",
        "The uncle came along and was supportive.",
        "The child drew the house where they used to live.",
        "Food is short at the end of the month.",
        "The caregiver was told about the clinic's opening hours.",
        "The child made a new friend at the centre.",
    ],
    visits: &[
        "The child was seen alone and with the family.",
        "The home is clean and warm.",
        "The child goes to school every day.",
        "The caregiver is tired and needs rest.",
        "There were no new worries.",
        "The child has gained weight.",
        "The landlord wants the family to leave.",
        "The medicine has run out.",
        "The child took part in the group.",
    ],
    services: &[
        "Appointment made by phone.",
        "Transport will be paid.",
        "The family was given the address in writing.",
        "The clinic asks for the vaccination card.",
        "Enrolment for the next term.",
        "An interpreter is needed.",
        "The child prefers a woman doctor.",
        "Papers will follow.",
    ],
    concerns: &[
        "Reported by a neighbour.",
        "The child told it during the second meeting.",
        "Seen during the home visit.",
        "Confirmed by the clinic.",
        "It happened on the way here.",
        "It has stopped since the move.",
        "The school noticed it first.",
        "The family does not want to speak about it yet.",
    ],
    goals: &[
        "The child goes to school again.",
        "The child lives safely with relatives.",
        "The family has papers for everybody.",
        "The child sleeps through the night.",
        "The caregiver has an income.",
        "The child is treated and recovers.",
        "Brother and sister live together.",
        "The child is no longer working.",
    ],
    assessments: &[
        "The child appears healthy.",
        "Hearing should be checked.",
        "The child can read and write a little.",
        "The child misses the mother.",
        "The grandmother is the most important person.",
        "The child is good at football and at numbers.",
        "There is enough room and a lock on the door.",
        "The child is often hungry in the evening.",
    ],
    tracing: &[
        "Names checked at the registration point.",
        "Asked people from the same village.",
        "The number is no longer in use.",
        "A relative was found in another camp.",
        "A message was passed on by the local committee.",
    ],
    closings: &[
        "All goals were reached.",
        "The family knows where to find us.",
        "The child was told and agreed.",
        "The case was handed over in a joint visit.",
        "No contact for three months in spite of several attempts.",
    ],
    streets: &[
        "Block C, tent 14",
        "Behind the water tower",
        "Mill Street 7",
        "Above the bakery, second floor",
        "Sector 4, house 112",
        "Next to the old school",
    ],
};

const FRENCH: Phrases = Phrases {
    subjects: &[
        "Visite à domicile",
        "Appel téléphonique",
        "Entretien avec la tante",
        "École",
        "Supervision",
        "Centre de santé",
        "Réunion de suivi",
    ],
    notes: &[
        "L'enfant était calme et a parlé de l'école.",
        "La responsable demande une aide pour le loyer.",
        "Les voisins gardent les petits le matin.",
        "Nous avons convenu de nous revoir la semaine prochaine.",
        "L'enfant dort mal depuis le déplacement.",
        "Le maître signale que l'enfant vient régulièrement.",
        "La famille n'a pas de couvertures.",
        "L'enfant voudrait apprendre la menuiserie.",
        "Personne n'a répondu au téléphone.",
        "L'oncle est venu et soutient l'enfant.",
        "L'enfant a dessiné la maison d'autrefois.",
        "La nourriture manque en fin de mois.",
        "L'enfant s'est fait un ami au centre.",
    ],
    visits: &[
        "L'enfant a été vu seul puis avec la famille.",
        "La maison est propre.",
        "L'enfant va à l'école chaque jour.",
        "La grand-mère est fatiguée.",
        "Pas de nouvelle inquiétude.",
        "L'enfant a pris du poids.",
        "Le propriétaire veut que la famille parte.",
        "Les médicaments sont finis.",
    ],
    services: &[
        "Rendez-vous pris par téléphone.",
        "Le transport sera payé.",
        "L'adresse a été donnée par écrit.",
        "Le centre demande le carnet de vaccination.",
        "Inscription pour le prochain trimestre.",
        "Il faut un interprète.",
    ],
    concerns: &[
        "Signalé par une voisine.",
        "L'enfant l'a raconté au deuxième entretien.",
        "Constaté pendant la visite.",
        "Confirmé par le centre de santé.",
        "Arrivé pendant la route.",
        "L'école l'a remarqué la première.",
    ],
    goals: &[
        "L'enfant retourne à l'école.",
        "L'enfant vit en sécurité chez des proches.",
        "Toute la famille a des papiers.",
        "L'enfant ne travaille plus.",
        "La responsable a un revenu.",
        "L'enfant est soigné.",
    ],
    assessments: &[
        "L'enfant paraît en bonne santé.",
        "L'ouïe est à vérifier.",
        "L'enfant sait lire un peu.",
        "Sa mère lui manque.",
        "La grand-mère est la personne la plus importante.",
        "L'enfant a souvent faim le soir.",
    ],
    tracing: &[
        "Noms vérifiés au point d'enregistrement.",
        "Des gens du même village ont été interrogés.",
        "Le numéro n'est plus attribué.",
        "Une parente a été retrouvée dans un autre site.",
    ],
    closings: &[
        "Les objectifs sont atteints.",
        "La famille sait où nous trouver.",
        "L'enfant a été informé et est d'accord.",
        "Plus de contact depuis trois mois.",
    ],
    streets: &[
        "Bloc C, tente 14",
        "Derrière le château d'eau",
        "Quartier du marché, porte 112",
        "À côté de l'ancienne école",
        "Carré 4, concession 9",
    ],
};

const SPANISH: Phrases = Phrases {
    subjects: &[
        "Visita al hogar",
        "Llamada telefónica",
        "Reunión con la cuidadora",
        "Escuela",
        "Supervisión",
        "Centro de salud",
        "Mesa técnica",
    ],
    notes: &[
        "Estaba en calma y habló de la escuela.",
        "La cuidadora pide ayuda para el alquiler.",
        "Las vecinas cuidan a los pequeños por la mañana.",
        "Acordamos vernos la próxima semana.",
        "Duerme mal desde el traslado.",
        "La maestra informa que asiste con regularidad.",
        "La familia no tiene ropa de abrigo.",
        "Quiere aprender carpintería.",
        "Nadie contestó el teléfono.",
        "El tío acompañó y fue de apoyo.",
        "Dibujó la casa donde vivía antes.",
        "Falta comida a fin de mes.",
        "Hizo una amistad nueva en el centro.",
    ],
    visits: &[
        "Se habló a solas y con la familia.",
        "La vivienda está limpia.",
        "Va a la escuela todos los días.",
        "La abuela está cansada.",
        "No hay preocupaciones nuevas.",
        "Ha ganado peso.",
        "El dueño quiere que se vayan.",
        "Se acabó el medicamento.",
    ],
    services: &[
        "Cita pedida por teléfono.",
        "Se pagará el transporte.",
        "Se entregó la dirección por escrito.",
        "Piden el carné de vacunación.",
        "Matrícula para el próximo período.",
        "Prefiere una doctora.",
    ],
    concerns: &[
        "Lo informó una vecina.",
        "Lo contó en la segunda entrevista.",
        "Se observó en la visita.",
        "Lo confirmó el centro de salud.",
        "Ocurrió en el camino.",
        "La escuela lo notó primero.",
    ],
    goals: &[
        "Vuelve a la escuela.",
        "Vive con familiares y con seguridad.",
        "Toda la familia tiene documentos.",
        "Ya no trabaja.",
        "La cuidadora tiene ingresos.",
        "Recibe tratamiento y mejora.",
    ],
    assessments: &[
        "Parece estar bien de salud.",
        "Conviene revisar la audición.",
        "Sabe leer un poco.",
        "Extraña a su mamá.",
        "La abuela es la persona más importante.",
        "A menudo tiene hambre por la noche.",
    ],
    tracing: &[
        "Se verificaron los nombres en el punto de registro.",
        "Se preguntó a gente del mismo pueblo.",
        "El número ya no existe.",
        "Se encontró a una pariente en otro albergue.",
    ],
    closings: &[
        "Se alcanzaron los objetivos.",
        "La familia sabe dónde encontrarnos.",
        "Se le informó y está de acuerdo.",
        "Sin contacto desde hace tres meses.",
    ],
    streets: &[
        "Manzana C, carpa 14",
        "Detrás del tanque de agua",
        "Calle del Molino 7",
        "Encima de la panadería",
        "Sector 4, casa 112",
    ],
};

const ARABIC: Phrases = Phrases {
    subjects: &[
        "زيارة منزلية",
        "مكالمة هاتفية",
        "لقاء مع مقدّمة الرعاية",
        "المدرسة",
        "إشراف",
        "المركز الصحي",
        "مؤتمر حالة",
    ],
    notes: &[
        "كان الطفل هادئًا وتحدّث عن المدرسة.",
        "طلبت الأسرة المساعدة في الإيجار.",
        "يعتني الجيران بالصغار صباحًا.",
        "اتفقنا على اللقاء الأسبوع القادم.",
        "لا ينام جيدًا منذ الانتقال.",
        "أفاد المعلّم بأن الحضور منتظم.",
        "لا توجد ملابس شتوية لدى الأسرة.",
        "يرغب في تعلّم النجارة.",
        "لم يُجب أحد على الهاتف.",
        "حضر العم وكان داعمًا.",
        "رسم البيت الذي كان يسكنه.",
        "يقلّ الطعام في آخر الشهر.",
        "كوّن صداقة جديدة في المركز.",
    ],
    visits: &[
        "تمت المقابلة على انفراد ثم مع الأسرة.",
        "المنزل نظيف ودافئ.",
        "يذهب إلى المدرسة كل يوم.",
        "الجدة متعبة وتحتاج إلى راحة.",
        "لا توجد مخاوف جديدة.",
        "زاد وزنه.",
        "يريد المالك إخراج الأسرة.",
        "نفد الدواء.",
    ],
    services: &[
        "حُدّد الموعد بالهاتف.",
        "ستُدفع أجرة النقل.",
        "سُلّم العنوان مكتوبًا.",
        "يُطلب دفتر التطعيم.",
        "التسجيل للفصل القادم.",
        "يلزم مترجم.",
    ],
    concerns: &[
        "أبلغت عنه جارة.",
        "رواه في اللقاء الثاني.",
        "لوحظ أثناء الزيارة.",
        "أكّده المركز الصحي.",
        "حدث في الطريق.",
        "لاحظته المدرسة أولًا.",
    ],
    goals: &[
        "يعود إلى المدرسة.",
        "يعيش بأمان مع أقاربه.",
        "تحصل الأسرة على وثائقها.",
        "يتوقف عن العمل.",
        "يصبح للأسرة دخل.",
        "يتلقى العلاج ويتعافى.",
    ],
    assessments: &[
        "يبدو بصحة جيدة.",
        "ينبغي فحص السمع.",
        "يقرأ قليلًا.",
        "يشتاق إلى أمه.",
        "الجدة أهم شخص لديه.",
        "يشعر بالجوع مساءً.",
    ],
    tracing: &[
        "روجعت الأسماء في نقطة التسجيل.",
        "سُئل أهل القرية نفسها.",
        "الرقم لم يعد مستخدمًا.",
        "عُثر على قريبة في مخيم آخر.",
    ],
    closings: &[
        "تحققت جميع الأهداف.",
        "تعرف الأسرة أين تجدنا.",
        "أُبلغ الطفل ووافق.",
        "لا تواصل منذ ثلاثة أشهر.",
    ],
    streets: &[
        "القطاع ج، خيمة ١٤",
        "خلف خزان الماء",
        "شارع الطاحونة ٧",
        "فوق المخبز",
        "الحي الرابع، بيت ١١٢",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_joined_without_repeating_themselves_at_once() {
        let mut dice = Dice::new(1, 1);
        for _ in 0..200 {
            let text = some(&mut dice, ENGLISH.notes);
            let sentences: Vec<&str> = text.split_inclusive('.').map(str::trim).collect();
            assert!(sentences.windows(2).all(|pair| pair[0] != pair[1]), "{text}");
        }
    }
}
