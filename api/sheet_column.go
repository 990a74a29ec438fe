package api

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/workflow"
)

// cellSort is how the cell of a column is read.
type cellSort int

const (
	asText cellSort = iota
	asNumber
	asSwitch
	asDate
	asChoice
	asPerson
	asPeople
	asUnit
	asUnits
	asMatter
	asOutcome
)

// sheetField is a column whose cells become a value of an action's input.
type sheetField struct {
	column  sheet.Column
	path    string // in the input: "title", "paper.date"
	sort    cellSort
	choices []optionView
}

// The columns that say which thing a row is about, and whose it is.
const (
	columnMatter = "编号或标题"
	columnUnit   = "承办单位"
	columnAuthor = "提出人"
	columnGroup  = "界别或联络组"
	columnPhone  = "手机号"
)

// namesIn are what may stand between names in one cell.
const namesIn = "、，,；;"

// widgets are how the cells of a form's fields are read. Fields of a choice are
// read by where they choose from; those of other widgets have no column, because
// a cell holds no file, no rows and no window of collecting, and a sheet no version.
var widgets = map[string]cellSort{
	"text": asText, "textarea": asText, "phone": asText, "place": asText, "number": asNumber, "switch": asSwitch, "date": asDate,
	"people": asPeople, "matter": asMatter,
}

// fieldOfSheet makes the column of a field of an input, and reports whether it
// has one. Kinds are those that a matter of its flow may become.
func fieldOfSheet(f reflect.StructField, within string, kinds []optionView) (sheetField, bool) {
	name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
	widget, list := f.Tag.Get("widget"), f.Tag.Get("options")
	if f.Anonymous || name == "" {
		return sheetField{}, false
	}
	x := sheetField{path: within + name, column: sheet.Column{Name: f.Tag.Get("label"), Required: rest != "omitempty", Note: f.Tag.Get("doc")}}
	switch widget {
	case "hidden", "paper", "files", "pictures", "originals", "rows", "collection":
		return x, false
	case "person":
		x.sort = asPerson
		return x, within != "" // of a paper; a liaison's is not the office's
	case "choice", "choices":
		x.sort, x.choices = choiceOf(f, list, kinds)
		for _, o := range x.choices {
			x.column.Choices = append(x.column.Choices, o.Label)
		}
		return x, true
	}
	by, ok := widgets[widget]
	if !ok {
		panic(fmt.Sprintf("a sheet has no column for the widget %q of %s", widget, f.Name)) // a mistake in the program, found at its start
	}
	if by == asSwitch {
		x.column.Choices = []string{"是", "否"}
	}
	if widget == "textarea" {
		x.column.Width = 40
	}
	x.sort = by
	return x, true
}

// choiceOf tells where a field chooses from, with the options that its enum has.
func choiceOf(f reflect.StructField, list string, kinds []optionView) (cellSort, []optionView) {
	switch {
	case list == "units" && f.Type.Kind() == reflect.Slice:
		return asUnits, nil
	case list == "units", list == "leading_units", list == "bodies":
		return asUnit, nil
	case list == "colleagues":
		return asPerson, nil
	case list == "outcomes":
		return asOutcome, nil
	case list == "kinds":
		return asChoice, kinds
	}
	all, ok := options()[list]
	if !ok {
		panic(fmt.Sprintf("a sheet does not know the options %q of %s", list, f.Name))
	}
	enum := strings.Split(f.Tag.Get("enum"), ",")
	return asChoice, slices.DeleteFunc(all, func(o optionView) bool { return enum[0] != "" && !slices.Contains(enum, o.Value) })
}

// fieldsOfSheet makes the columns of a type, at a place in the input.
func fieldsOfSheet(t reflect.Type, within string, kinds []optionView) []sheetField {
	var fields []sheetField
	for _, f := range reflect.VisibleFields(t) {
		if x, ok := fieldOfSheet(f, within, kinds); ok {
			fields = append(fields, x)
		}
	}
	return fields
}

// sheetAction is an action that may be taken for every row of a spreadsheet.
type sheetAction struct {
	rule   workflow.Rule
	body   *bodyOf
	open   sheetOpener // nil unless the action brings matters into being
	which  []sheet.Column
	fields []sheetField
	paper  bool // it can be recorded from paper alone
}

// columns lists all columns, in the order of the template.
func (x *sheetAction) columns() []sheet.Column {
	columns := slices.Clone(x.which)
	for _, f := range x.fields {
		columns = append(columns, f.column)
	}
	return columns
}

// columnOf names the column of a value in the input, empty where it has none.
func (x *sheetAction) columnOf(path string) string {
	path, _, _ = strings.Cut(path, "[")
	if path == "paper.person_id" && x.open != nil {
		return columnAuthor
	}
	for _, f := range x.fields {
		if f.path == path {
			return f.column.Name
		}
	}
	return ""
}

// newSheetAction derives the columns of an action from the tags of its input.
// Where the office may not act itself, the paper is due: it names the date, and
// whose act it was.
func newSheetAction(rule workflow.Rule, body *bodyOf, open sheetOpener, assigned bool, kinds []optionView) *sheetAction {
	own := slices.ContainsFunc(rule.Who, func(p workflow.Party) bool { return slices.Contains(member.OfficeRoles(), p) })
	others := slices.ContainsFunc(rule.Who, func(p workflow.Party) bool { return !slices.Contains(member.OfficeRoles(), p) })
	x := &sheetAction{rule: rule, body: body, open: open, fields: fieldsOfSheet(body.input, "", kinds), paper: !own}
	if open == nil {
		x.which = append(x.which, sheet.Column{
			Name: columnMatter, Also: []string{"编号", "事项"}, Required: true, Width: 26, Note: "已经编号的填编号，如2026年第31号；还没有编号的填标题，同名的在后面写明提出人和提交日期，如：修复人民路路灯（李春山，2026-03-02）",
		})
	}
	if assigned {
		x.which = append(x.which, sheet.Column{Name: columnUnit, Required: true, Width: 22, Note: "单位全称"})
	}
	if !others && open == nil {
		return x
	}
	for _, f := range fieldsOfSheet(reflect.TypeFor[workflow.Paper](), "paper.", nil) {
		switch {
		case f.path == "paper.date":
			f.column.Required = x.paper
			f.column.Also = []string{"日期"}
			f.column.Note = "纸件上的日期；电话记录的填通话日期。期限和统计以此为准"
		case f.path == "paper.signer" && !assigned:
			continue // a person signs there
		case f.path == "paper.person_id" && open != nil:
			hint := "同名的委员填一项，以便区分，否则不填"
			x.which = append(x.which, sheet.Column{Name: columnAuthor, Also: []string{"姓名", "委员"}, Required: true, Note: "名册里的姓名"},
				sheet.Column{Name: columnGroup, Note: hint}, sheet.Column{Name: columnPhone, Note: hint})
			continue
		case f.path == "paper.person_id" && assigned && !slices.Contains(rule.Who, member.Leader):
			continue // the unit signs there
		}
		x.fields = append(x.fields, f)
	}
	return x
}

// sheetActions lists the actions of a table that the office may take for every
// row of a spreadsheet: on matters or assignments that are there, and those that
// bring matters into being where open has a way. What leaves no line is nobody's
// to record.
func sheetActions(a *API, flow workflow.Table, open map[string]sheetOpener, assigned bool) (map[string]*sheetAction, []string) {
	by, names := map[string]*sheetAction{}, []string{}
	for _, rule := range flow.Rules {
		opens := len(rule.From) == 0
		if len(rule.Who) == 0 || rule.Silent || opens && open[rule.Action] == nil {
			continue
		}
		by[rule.Action] = newSheetAction(rule, newBody(a.huma, rule), open[rule.Action], assigned, a.kindsFrom(flow.Name))
		names = append(names, rule.Action)
	}
	return by, names
}

// maxRows is how many rows a sheet may have.
func (x *sheetAction) maxRows() int {
	if x.open != nil {
		return 500
	}
	return 2 * matter.MaxBulk
}
