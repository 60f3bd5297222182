//! Every property of forms and fields, with its type and who may change it.

use crate::schema::{Kind, Property};

const fn new(name: &'static str, kind: Kind) -> Property {
    Property::new(name, kind)
}

/// The properties of a form but its fields.
pub const FORM: &[Property] = &[
    new("unique_id", Kind::Str),
    new("name", Kind::Text).restricted(),
    new("description", Kind::Text).restricted(),
    new("help_text", Kind::Text),
    new("parent_form", Kind::Str),
    new("visible", Kind::Bool).restricted(),
    new("order", Kind::Int).restricted(),
    new("order_form_group", Kind::Int).restricted(),
    new("order_subform", Kind::Int).restricted(),
    new("form_group_id", Kind::Str).restricted(),
    new("form_group_keyed", Kind::Bool),
    new("is_nested", Kind::Bool),
    new("is_first_tab", Kind::Bool),
    new("is_summary_section", Kind::Bool),
    new("initial_subforms", Kind::Int),
    new("subform_prevent_item_removal", Kind::Bool),
    new("subform_append_only", Kind::Bool),
    new("hide_subform_placeholder", Kind::Bool),
    new("subform_header_links", Kind::Strs),
    new("collapsed_field_names", Kind::Strs),
    new("mobile_form", Kind::Bool).restricted(),
    new("display_help_text_view", Kind::Bool),
    new("header_message_link", Kind::Str).nullable(),
    new("shared_subform", Kind::Any).nullable(),
    new("shared_subform_group", Kind::Any).nullable(),
    new("editable", Kind::Bool).fixed(),
    new("core_form", Kind::Bool).fixed(),
    new("display_conditions", Kind::Object).nullable(),
    new("module_ids", Kind::Strs),
];

/// The properties of a field; null takes an optional one away.
pub const FIELD: &[Property] = &[
    new("name", Kind::Str),
    new("type", Kind::Str),
    new("multi_select", Kind::Bool).nullable(),
    new("visible", Kind::Bool).restricted().nullable(),
    new("mobile_visible", Kind::Bool).restricted().nullable(),
    new("editable", Kind::Bool).nullable(),
    new("disabled", Kind::Bool).nullable(),
    new("required", Kind::Bool).nullable(),
    new("mandatory_for_completion", Kind::Bool).nullable(),
    new("phone_number", Kind::Bool).nullable(),
    new("hide_on_view_page", Kind::Bool).nullable(),
    new("show_on_minify_form", Kind::Bool).nullable(),
    new("hidden_text_field", Kind::Bool).nullable(),
    new("display_name", Kind::Text).restricted(),
    new("help_text", Kind::Text).restricted().nullable(),
    new("guiding_questions", Kind::Text).restricted().nullable(),
    new("signature_provided_by_label", Kind::Text).restricted().nullable(),
    new("tick_box_label", Kind::Text).restricted().nullable(),
    new("tally", Kind::Options).nullable(),
    new("option_strings_text", Kind::Options).restricted().nullable(),
    new("option_strings_source", Kind::Str).nullable(),
    new("option_strings_condition", Kind::Object).nullable(),
    new("selected_value", Kind::Any).nullable(),
    new("order", Kind::Int).restricted().nullable(),
    new("autosum_total", Kind::Bool).nullable(),
    new("autosum_group", Kind::Str).nullable(),
    new("date_validation", Kind::Str).nullable(),
    new("date_include_time", Kind::Bool).nullable(),
    new("matchable", Kind::Bool).nullable(),
    new("merge_policy", Kind::Str).nullable(),
    new("subform_unique_id", Kind::Str).nullable(),
    new("subform_section_configuration", Kind::Object).nullable(),
    new("subform_summary", Kind::Object).nullable(),
    new("calculation", Kind::Object).nullable(),
    new("display_conditions_record", Kind::Object).nullable(),
    new("display_conditions_subform", Kind::Object).nullable(),
    new("collapsed_field_for_subform_section_id", Kind::Int).nullable(),
    new("collapse", Kind::Any).nullable(),
    new("link_to_path", Kind::Str).nullable(),
    new("link_to_path_external", Kind::Bool).nullable(),
    new("field_tags", Kind::Strs).nullable(),
    new("searchable_select", Kind::Bool).nullable(),
    new("expose_unique_id", Kind::Bool).nullable(),
    new("custom_template", Kind::Str).nullable(),
];

/// What a field body may carry beside its own properties.
pub const FIELD_EXTRAS: &[Property] = &[
    new("id", Kind::Int).nullable(),
    new("subform_section_id", Kind::Int).nullable(),
    new("subform_sort_by", Kind::Str).nullable(),
    new("subform_sort_by_direction", Kind::Str).nullable(),
    new("subform_group_by", Kind::Str).nullable(),
];
