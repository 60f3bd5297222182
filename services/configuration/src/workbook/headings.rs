//! What the columns are called and what they mean, in four languages.

use super::words::{Heading, Word, column, texts};

pub const KEY_SHEET: Word = Word(["Key", "Légende", "Leyenda", "مفتاح"]);
pub const FORMS_SHEET: Word = Word(["Forms", "Formulaires", "Formularios", "الاستمارات"]);
pub const LOOKUPS_SHEET: Word = Word(["Lookups", "Listes", "Listas", "القوائم"]);
pub const YES: Word = Word(["yes", "oui", "sí", "نعم"]);
pub const NO: Word = Word(["no", "non", "no", "لا"]);

/// Why a file of an unknown kind is not made.
pub const UNKNOWN_EXPORT_TYPE: Word = Word([
    "Forms are exported as xlsx only.",
    "Les formulaires ne s'exportent qu'en xlsx.",
    "Los formularios solo se exportan en xlsx.",
    "تُصدَّر الاستمارات بصيغة xlsx فقط.",
]);

/// The two columns of the key itself.
pub const KEY: Heading = column(
    ["Column", "Colonne", "Columna", "العمود"],
    ["Meaning", "Signification", "Significado", "المعنى"],
);

const FORM_ID: Heading = column(
    ["Form id", "Identifiant du formulaire", "Id del formulario", "معرّف الاستمارة"],
    [
        "What the system calls the form.",
        "Le nom du formulaire pour le système.",
        "Cómo llama el sistema al formulario.",
        "اسم الاستمارة لدى النظام.",
    ],
);
const SHEET: Heading = column(
    ["Sheet", "Feuille", "Hoja", "الورقة"],
    [
        "Where this workbook shows the form's fields.",
        "Où ce classeur montre les champs du formulaire.",
        "Dónde muestra este libro los campos del formulario.",
        "أين يعرض هذا المصنف حقول الاستمارة.",
    ],
);
const RECORD_TYPE: Heading = column(
    ["Record type", "Type de dossier", "Tipo de registro", "نوع السجل"],
    [
        "The kind of record that the form belongs to.",
        "Le type de dossier auquel appartient le formulaire.",
        "El tipo de registro al que pertenece el formulario.",
        "نوع السجل الذي تنتمي إليه الاستمارة.",
    ],
);
const MODULES: Heading = column(
    ["Modules", "Modules", "Módulos", "الوحدات"],
    [
        "The modules that use the form.",
        "Les modules qui utilisent le formulaire.",
        "Los módulos que usan el formulario.",
        "الوحدات التي تستخدم الاستمارة.",
    ],
);
const GROUP: Heading = column(
    ["Form group", "Groupe de formulaires", "Grupo de formularios", "مجموعة الاستمارات"],
    [
        "The part of the menu under which the form stands.",
        "La partie du menu sous laquelle se trouve le formulaire.",
        "La parte del menú bajo la que está el formulario.",
        "جزء القائمة الذي تقع الاستمارة تحته.",
    ],
);
const FORM_NAMES: Heading = texts(
    ["Name", "Nom", "Nombre", "الاسم"],
    [
        "What people call the form.",
        "Le nom du formulaire pour les personnes.",
        "Cómo llaman las personas al formulario.",
        "اسم الاستمارة لدى المستخدمين.",
    ],
);
const DESCRIPTION: Heading = texts(
    ["Description", "Description", "Descripción", "الوصف"],
    [
        "What the form is for.",
        "À quoi sert le formulaire.",
        "Para qué sirve el formulario.",
        "الغرض من الاستمارة.",
    ],
);
const NESTED: Heading = column(
    ["Subform", "Sous-formulaire", "Subformulario", "استمارة فرعية"],
    [
        "Whether the form is part of another one, as a list of entries.",
        "Si le formulaire fait partie d'un autre, comme liste d'entrées.",
        "Si el formulario es parte de otro, como lista de entradas.",
        "هل الاستمارة جزء من استمارة أخرى كقائمة مدخلات.",
    ],
);
const VISIBLE: Heading = column(
    ["Visible", "Visible", "Visible", "ظاهر"],
    [
        "Whether it is shown to users.",
        "S'il est montré aux utilisateurs.",
        "Si se muestra a los usuarios.",
        "هل يظهر للمستخدمين.",
    ],
);
const ON_MOBILE: Heading = column(
    ["On mobile", "Sur mobile", "En el móvil", "على الهاتف"],
    [
        "Whether it is shown on phones and tablets.",
        "S'il est montré sur téléphones et tablettes.",
        "Si se muestra en teléfonos y tabletas.",
        "هل يظهر على الهواتف والأجهزة اللوحية.",
    ],
);
const EDITABLE: Heading = column(
    ["Editable", "Modifiable", "Editable", "قابل للتعديل"],
    [
        "Whether administrators may change the form.",
        "Si les administrateurs peuvent modifier le formulaire.",
        "Si los administradores pueden cambiar el formulario.",
        "هل يمكن للمديرين تعديل الاستمارة.",
    ],
);
const CONDITION: Heading = column(
    ["Shown if", "Montré si", "Se muestra si", "يظهر إذا"],
    [
        "What has to be true of the record for it to be shown.",
        "Ce qui doit être vrai du dossier pour qu'il soit montré.",
        "Qué debe cumplir el registro para que se muestre.",
        "ما يجب أن يتحقق في السجل لكي يظهر.",
    ],
);

const FORM_NAME: Heading = column(
    ["Form name", "Nom du formulaire", "Nombre del formulario", "اسم الاستمارة"],
    [
        "The form that the field belongs to.",
        "Le formulaire auquel appartient le champ.",
        "El formulario al que pertenece el campo.",
        "الاستمارة التي ينتمي إليها الحقل.",
    ],
);
const FIELD_ID: Heading = column(
    ["Field id", "Identifiant du champ", "Id del campo", "معرّف الحقل"],
    [
        "What the system calls the field.",
        "Le nom du champ pour le système.",
        "Cómo llama el sistema al campo.",
        "اسم الحقل لدى النظام.",
    ],
);
const FIELD_TYPE: Heading = column(
    ["Field type", "Type de champ", "Tipo de campo", "نوع الحقل"],
    [
        "What is entered: a text, a number, a date, a choice ...",
        "Ce qui est saisi : un texte, un nombre, une date, un choix ...",
        "Qué se introduce: un texto, un número, una fecha, una opción ...",
        "ما الذي يُدخل: نص أو رقم أو تاريخ أو اختيار ...",
    ],
);
const MULTIPLE: Heading = column(
    ["Several choices", "Choix multiples", "Varias opciones", "اختيارات متعددة"],
    [
        "Whether more than one option can be chosen.",
        "Si plusieurs options peuvent être choisies.",
        "Si se puede elegir más de una opción.",
        "هل يمكن اختيار أكثر من خيار.",
    ],
);
const LABEL: Heading = texts(
    ["Label", "Libellé", "Etiqueta", "التسمية"],
    [
        "The question as people read it.",
        "La question telle que les personnes la lisent.",
        "La pregunta tal como la leen las personas.",
        "السؤال كما يقرؤه المستخدمون.",
    ],
);
const REQUIRED: Heading = column(
    ["Required", "Obligatoire", "Obligatorio", "إلزامي"],
    [
        "Whether a record cannot be saved without it.",
        "Si un dossier ne peut être enregistré sans lui.",
        "Si un registro no se puede guardar sin él.",
        "هل لا يمكن حفظ السجل بدونه.",
    ],
);
const DISABLED: Heading = column(
    ["Disabled", "Désactivé", "Desactivado", "معطّل"],
    [
        "Whether it is kept but can no longer be filled in or chosen.",
        "S'il est conservé mais ne peut plus être rempli ou choisi.",
        "Si se conserva pero ya no se puede rellenar ni elegir.",
        "هل يُحتفظ به دون إمكانية تعبئته أو اختياره.",
    ],
);
const ON_SHORT_FORM: Heading = column(
    ["On short form", "Sur le formulaire court", "En el formulario corto", "في الاستمارة المختصرة"],
    [
        "Whether it is shown in the short form of the record.",
        "S'il est montré dans la forme courte du dossier.",
        "Si se muestra en la forma corta del registro.",
        "هل يظهر في الصيغة المختصرة للسجل.",
    ],
);
const SOURCE: Heading = column(
    ["Options from", "Options tirées de", "Opciones de", "مصدر الخيارات"],
    [
        "The list that the options come from; see the sheet of lookups.",
        "La liste d'où viennent les options ; voir la feuille des listes.",
        "La lista de la que vienen las opciones; véase la hoja de listas.",
        "القائمة التي تأتي منها الخيارات؛ انظر ورقة القوائم.",
    ],
);
const SUBFORM: Heading = column(
    ["Entries", "Entrées", "Entradas", "المدخلات"],
    [
        "The form that each entry of the field has.",
        "Le formulaire de chaque entrée du champ.",
        "El formulario de cada entrada del campo.",
        "استمارة كل مدخل من مدخلات الحقل.",
    ],
);
const OPTIONS: Heading = texts(
    ["Options", "Options", "Opciones", "الخيارات"],
    [
        "The field's own options, each with its code.",
        "Les options propres au champ, chacune avec son code.",
        "Las opciones propias del campo, cada una con su código.",
        "خيارات الحقل نفسه، كل منها مع رمزه.",
    ],
);
const HELP: Heading = texts(
    ["Help text", "Texte d'aide", "Texto de ayuda", "نص المساعدة"],
    [
        "What is written below the field.",
        "Ce qui est écrit sous le champ.",
        "Lo que está escrito bajo el campo.",
        "ما هو مكتوب تحت الحقل.",
    ],
);
const GUIDING: Heading = texts(
    ["Guiding questions", "Questions d'orientation", "Preguntas orientadoras", "أسئلة إرشادية"],
    [
        "What helps to ask for the answer.",
        "Ce qui aide à demander la réponse.",
        "Lo que ayuda a preguntar la respuesta.",
        "ما يساعد على طرح السؤال.",
    ],
);
const TICK_LABEL: Heading = texts(
    ["Tick box label", "Libellé de la case", "Etiqueta de la casilla", "تسمية خانة الاختيار"],
    [
        "What stands beside a box to tick.",
        "Ce qui figure à côté d'une case à cocher.",
        "Lo que figura junto a una casilla.",
        "ما يظهر بجانب خانة الاختيار.",
    ],
);

const LOOKUP_ID: Heading = column(
    ["Lookup id", "Identifiant de la liste", "Id de la lista", "معرّف القائمة"],
    [
        "What the system calls the list.",
        "Le nom de la liste pour le système.",
        "Cómo llama el sistema a la lista.",
        "اسم القائمة لدى النظام.",
    ],
);
const LOOKUP_NAME: Heading = column(
    ["Lookup name", "Nom de la liste", "Nombre de la lista", "اسم القائمة"],
    [
        "What people call the list.",
        "Le nom de la liste pour les personnes.",
        "Cómo llaman las personas a la lista.",
        "اسم القائمة لدى المستخدمين.",
    ],
);
const VALUE_ID: Heading = column(
    ["Option id", "Identifiant de l'option", "Id de la opción", "معرّف الخيار"],
    [
        "What records keep when the option is chosen.",
        "Ce que gardent les dossiers quand l'option est choisie.",
        "Lo que guardan los registros cuando se elige la opción.",
        "ما تحفظه السجلات عند اختيار الخيار.",
    ],
);
const VALUE_TEXT: Heading = texts(
    ["Option", "Option", "Opción", "الخيار"],
    [
        "The option as people read it.",
        "L'option telle que les personnes la lisent.",
        "La opción tal como la leen las personas.",
        "الخيار كما يقرؤه المستخدمون.",
    ],
);

/// The columns of the sheet of all forms, in order.
pub const FORM_COLUMNS: &[Heading] = &[
    FORM_ID,
    SHEET,
    RECORD_TYPE,
    MODULES,
    GROUP,
    FORM_NAMES,
    DESCRIPTION,
    NESTED,
    VISIBLE,
    ON_MOBILE,
    EDITABLE,
    CONDITION,
];

/// The columns of a form's sheet, in order.
pub const FIELD_COLUMNS: &[Heading] = &[
    GROUP,
    FORM_NAME,
    FIELD_ID,
    FIELD_TYPE,
    MULTIPLE,
    LABEL,
    VISIBLE,
    REQUIRED,
    DISABLED,
    ON_MOBILE,
    ON_SHORT_FORM,
    SOURCE,
    SUBFORM,
    OPTIONS,
    HELP,
    GUIDING,
    TICK_LABEL,
    CONDITION,
];

/// The columns of the sheet of lookups, in order.
pub const VALUE_COLUMNS: &[Heading] = &[LOOKUP_ID, LOOKUP_NAME, VALUE_ID, VALUE_TEXT, DISABLED];
