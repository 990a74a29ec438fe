package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of acts by spreadsheet.
var (
	errSheetFile   = fault.New(fault.Invalid, "request.sheet_file", "没有找到这个表格，可能放得太久已被清理，请重新上传。")
	errSheetRows   = fault.New(fault.Invalid, "request.sheet_rows", "表格的行数太多了，请分成几个表格。")
	errSheetWrong  = fault.New(fault.Invalid, "request.sheet_wrong", "表格里有的行不能办理，这个表格一行都没有办。请按提示修改后重新上传。")
	errSheetStale  = fault.New(fault.Conflict, "request.sheet_stale", "表格里的事项在预览之后有变动，一行都没有办。请重新预览后再确认。")
	errSheetWarned = fault.New(fault.Conflict, "request.sheet_warned", "有的行可能已经登记过，请核对。确实要登记的，请勾选后再确认。")
)

type (
	// sheetOpener brings a matter into being from an input.
	sheetOpener func(ctx context.Context, tx *store.Tx, a member.Actor, input workflow.Input) (StateView, error)
	// sheetActor takes an action on something that is there.
	sheetActor func(ctx context.Context, tx *store.Tx, a member.Actor, id string, rule workflow.Rule, input workflow.Input) (StateView, error)
)

// sheetKind is what the rows of a spreadsheet can be about.
type sheetKind struct {
	api  *API
	flow workflow.Table
	kind matter.Kind // empty: assignments
	open map[string]sheetOpener
	act  sheetActor
}

// SheetInput names the action that a sheet is for.
type SheetInput struct {
	Action string `path:"action" maxLength:"40" doc:"An action of the flow that the office takes, or records from paper"`
}

type sheetPreviewInput struct {
	SheetInput
	Body struct {
		AttachmentID string `json:"attachment_id" format:"uuid" doc:"先上传的表格：.xlsx，或UTF-8、GBK编码的.csv"`
	}
}

type sheetConfirmation struct {
	AttachmentID   string `json:"attachment_id" format:"uuid" doc:"预览过的表格"`
	Digest         string `json:"digest" minLength:"1" maxLength:"4000" example:"AA" doc:"预览返回的摘要"`
	AcceptWarnings bool   `json:"accept_warnings,omitempty" example:"false" doc:"有提醒的行也要办理"`
}

type sheetConfirmInput struct {
	Keyed
	SheetInput
	Body sheetConfirmation
}

type sheetLineView struct {
	Line     int            `json:"line" doc:"Of the sheet, as people count" example:"2"`
	Summary  string         `json:"summary,omitempty" doc:"What would be done" example:"“修复人民路路灯”（2026年第31号，李春山）：待签收 → 办理中"`
	Problems []sheetProblem `json:"problems" nullable:"false" doc:"Why it cannot be done"`
	Warnings []sheetProblem `json:"warnings" nullable:"false" doc:"What should be looked at; confirming takes accept_warnings then"`
}

type sheetPreviewView struct {
	Rows     []sheetLineView `json:"rows" nullable:"false"`
	Good     int             `json:"good" doc:"Rows that can be done; all are done, or none"`
	Wrong    int             `json:"wrong" doc:"Rows that cannot"`
	Warnings int             `json:"warnings" doc:"Rows with a warning"`
	Ignored  []string        `json:"ignored" nullable:"false" doc:"Headings that mean nothing here; their cells are left out"`
	Digest   string          `json:"digest" doc:"Names what was seen here; confirming takes it"`
}

type sheetItemView struct {
	Line   int    `json:"line"`
	ID     string `json:"id" format:"uuid"`
	Number string `json:"number,omitempty"`
	Label  string `json:"status_label"`
}

type sheetDoneView struct {
	Items []sheetItemView `json:"items" nullable:"false" doc:"Where each thing stands, in the order of the rows"`
}

// add tells of each row what would become of it.
func (v *sheetPreviewView) add(x *sheetAction, rows []*sheetRow) {
	for _, r := range rows {
		line := sheetLineView{Line: r.line, Problems: append([]sheetProblem{}, r.problems...), Warnings: append([]sheetProblem{}, r.warnings...)}
		if len(r.warnings) > 0 {
			v.Warnings++
		}
		if len(r.problems) > 0 {
			v.Wrong++
		} else {
			v.Good++
			line.Summary = r.summary(x)
		}
		v.Rows = append(v.Rows, line)
	}
}

// summary says what a row does.
func (r *sheetRow) summary(x *sheetAction) string {
	switch {
	case x.open != nil:
		return fmt.Sprintf("登记：%s“%s”，%s", r.words, r.handed.Title, r.handed.Day)
	case x.rule.Stays():
		return r.words + "：" + x.rule.Label
	}
	return r.words + "：" + r.from + " → " + r.state.Label
}

// sheetFaults are what a sheet may answer.
var sheetFaults = []*fault.Fault{
	errSheetFile, errSheetRows, sheet.ErrUnreadable, sheet.ErrTooLarge, sheet.ErrNoHeading, sheet.ErrColumns, sheet.ErrEmpty,
}

// bindSheets lets the office take any action of a table for every row of a
// spreadsheet: {base}/sheets/{action} gives the empty sheet, tells what one
// would do, and does it. The columns come from the tags of the action's input,
// so a new row of the table needs no line here.
func bindSheets(k *sheetKind, base, tag string) {
	a := k.api
	actions, names := sheetActions(a, k.flow, k.open, k.kind == "")
	a.sheets[k.flow.Name] = names
	path := base + "/sheets/{action}"
	with := func(id, method, path, summary string, faults ...*fault.Fault) operation {
		return operation{
			id: k.flow.Name + "." + id, method: method, path: path, summary: k.flow.Label + "：" + summary, tag: tag,
			who: roles(matter.Clerks()...), faults: append(faults, sheetFaults...),
		}
	}
	find := func(in SheetInput) (*sheetAction, error) {
		if x, ok := actions[in.Action]; ok {
			return x, nil
		}
		return nil, errInvalid.With(fault.Field{Path: "path.action", Message: "这项操作不能用表格办理"})
	}
	export(a, with("sheet", http.MethodGet, path, "表格模板"), sheet.Type, func(_ context.Context, in *SheetInput) (file, error) {
		x, err := find(*in)
		if err != nil {
			return file{}, err
		}
		var b bytes.Buffer
		err = sheet.Write(&b, x.rule.Label, x.columns(), nil)
		return attached(sheet.Type, k.flow.Name+"-"+in.Action+".xlsx", k.flow.Label+x.rule.Label+".xlsx", b.Bytes()), err
	})
	preview := with("preview_sheet", http.MethodPost, path+"/preview", "预览表格，不作改动")
	preview.own = true
	ask(a, preview, func(ctx context.Context, in *sheetPreviewInput) (sheetPreviewView, error) {
		x, err := find(in.SheetInput)
		if err != nil {
			return sheetPreviewView{}, err
		}
		return k.preview(ctx, actorOf(ctx), x, in.Body.AttachmentID)
	})
	act(a, with("run_sheet", http.MethodPost, path, "按表格成批办理", errSheetWrong, errSheetStale, errSheetWarned), nil,
		func(ctx context.Context, tx *store.Tx, in sheetConfirmInput) (sheetDoneView, error) {
			x, err := find(in.SheetInput)
			if err != nil {
				return sheetDoneView{}, err
			}
			return k.confirm(ctx, tx, actorOf(ctx), x, in.Body)
		})
	for _, at := range []string{path, path + "/preview"} {
		item := a.huma.OpenAPI().Paths[at]
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			nameActions(op, names)
		}
	}
}

// nameActions lists in the document what an operation's action may be.
func nameActions(op *huma.Operation, names []string) {
	if op == nil {
		return
	}
	for _, p := range op.Parameters {
		if p.Name != "action" {
			continue
		}
		for _, name := range names {
			p.Schema.Enum = append(p.Schema.Enum, name)
		}
		p.Schema.PrecomputeMessages()
	}
}
