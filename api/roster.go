package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/roster"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

var errNoTable = fault.New(fault.Invalid, "roster.no_table", "没有找到上传的表格，可能已过期，请重新上传。")

// TableInput names a table that was uploaded.
type TableInput struct {
	AttachmentID string      `json:"attachment_id" format:"uuid" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e" doc:"用 POST /v1/attachments 上传的表格（.xlsx 或 .csv）"`
	Kind         roster.Kind `json:"kind" enum:"MEMBERS,UNITS,STAFF" example:"MEMBERS" doc:"MEMBERS 委员；UNITS 单位；STAFF 工作人员、领导、承办单位人员"`
}

type previewTable struct {
	Body TableInput
}

type confirmTable struct {
	Keyed
	Body struct {
		TableInput
		Digest string `json:"digest" minLength:"64" maxLength:"64" pattern:"^[0-9a-f]+$" example:"0000000000000000000000000000000000000000000000000000000000000000" doc:"预览返回的摘要"`
	}
}

type tableChange struct {
	Column string `json:"column" example:"职务"`
	From   string `json:"from" doc:"Telephone numbers are masked"`
	To     string `json:"to"`
}

type tableProblem struct {
	Column  string `json:"column" example:"手机号"`
	Message string `json:"message" example:"不是正确的11位手机号"`
}

type tableRow struct {
	Line     int            `json:"line" doc:"In the sheet, the first is 1"`
	Name     string         `json:"name,omitempty"`
	Action   roster.Action  `json:"action" enum:"NEW,CHANGED,UNCHANGED,WRONG"`
	Label    string         `json:"label" example:"新增"`
	Changes  []tableChange  `json:"changes" nullable:"false"`
	Problems []tableProblem `json:"problems" nullable:"false"`
}

// TableCounts are how many rows do what.
type TableCounts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Wrong     int `json:"wrong"`
	Absent    int `json:"absent" doc:"People or units of the roster who are not in the table. They stay as they are"`
}

type tableReport struct {
	Counts  TableCounts `json:"counts"`
	Rows    []tableRow  `json:"rows" nullable:"false"`
	Sectors []string    `json:"new_sectors" nullable:"false" doc:"界别 that are not in the list and would be added"`
	Groups  []string    `json:"new_groups" nullable:"false" doc:"联络组 that are not in the list and would be added"`
	Ignored []string    `json:"ignored" nullable:"false" doc:"Headings that are none of ours; their columns are left out"`
	Digest  string      `json:"digest" doc:"Names what was seen here; confirming takes it"`
}

var tableActions = map[roster.Action]string{roster.Added: "新增", roster.Changed: "修改", roster.Unchanged: "不变", roster.Wrong: "有错"}

type templateInput struct {
	Kind roster.Kind `query:"kind" required:"true" enum:"MEMBERS,UNITS,STAFF" doc:"Of which table" example:"MEMBERS"`
}

type exportInput struct {
	Kind   roster.Kind   `query:"kind" enum:"MEMBERS,UNITS,STAFF" default:"MEMBERS" doc:"Which table"`
	Order  member.Order  `query:"order" enum:"ENTERED,STROKES,RANK,SECTOR" default:"ENTERED" doc:"As entered, by 姓氏笔画, by 职务, by 界别"`
	Phones roster.Phones `query:"phones" enum:"MASKED,FULL" default:"MASKED" doc:"Whether telephone numbers are masked. Either can be brought in again"`
}

var tableFaults = []*fault.Fault{errNoTable, sheet.ErrUnreadable, sheet.ErrTooLarge, sheet.ErrNoHeading, sheet.ErrColumns, sheet.ErrEmpty}

func (a *API) rosterRoutes() {
	with := func(id, method, path, summary string, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "名册", who: roles(member.MemberWorkStaff, member.PlatformAdmin), faults: faults}
	}
	preview := with("roster.preview", http.MethodPost, "/v1/roster/preview", "预览导入名册，不作改动", tableFaults...)
	preview.own = true // changes nothing, and shows no more than the list of people
	ask(a, preview, func(ctx context.Context, in *previewTable) (tableReport, error) {
		data, err := a.table(ctx, in.Body.AttachmentID)
		if err != nil {
			return tableReport{}, err
		}
		r, err := a.roster.Preview(ctx, actorOf(ctx), in.Body.Kind, data)
		return viewReport(r), err
	})
	act(a, with("roster.confirm", http.MethodPost, "/v1/roster", "确认导入名册", append(tableFaults, roster.ErrStale, roster.ErrWrong)...), nil,
		func(ctx context.Context, tx *store.Tx, in confirmTable) (TableCounts, error) {
			data, err := a.table(ctx, in.Body.AttachmentID)
			if err != nil {
				return TableCounts{}, err
			}
			r, ids, err := a.roster.Confirm(ctx, tx, actorOf(ctx), in.Body.Kind, data, in.Body.Digest)
			noun := "person"
			if in.Body.Kind == roster.Units {
				noun = "unit"
			}
			audit.About(ctx, noun, ids...)
			return countsOf(r), err
		})
	export(a, with("roster.template", http.MethodGet, "/v1/roster/template", "下载导入模板（Excel表格）"), sheet.Type,
		func(_ context.Context, in *templateInput) (file, error) {
			var b bytes.Buffer
			err := roster.Template(&b, in.Kind)
			return attached(sheet.Type, "template.xlsx", in.Kind.Title()+"模板.xlsx", b.Bytes()), err
		})
	out := with("roster.export", http.MethodGet, "/v1/roster/export", "导出名册（Excel表格）")
	out.shows = audit.Export
	export(a, out, sheet.Type, func(ctx context.Context, in *exportInput) (file, error) {
		var b bytes.Buffer
		err := a.roster.Export(ctx, actorOf(ctx), in.Kind, in.Order, in.Phones, &b)
		return attached(sheet.Type, "roster.xlsx", in.Kind.Title()+".xlsx", b.Bytes()), err
	})
}

// table reads a table that the caller has uploaded.
func (a *API) table(ctx context.Context, id string) ([]byte, error) {
	if !store.IsID(id) {
		return nil, errNoTable
	}
	_, data, err := a.files.Read(ctx, actorOf(ctx), id)
	if errors.Is(err, attachment.ErrNotFound) {
		return nil, errNoTable
	}
	return data, err
}

func countsOf(r roster.Report) TableCounts {
	return TableCounts{r.Count[roster.Added], r.Count[roster.Changed], r.Count[roster.Unchanged], r.Count[roster.Wrong], r.Absent}
}

func viewReport(r roster.Report) tableReport {
	v := tableReport{Counts: countsOf(r), Rows: []tableRow{}, Sectors: []string{}, Groups: []string{}, Ignored: append([]string{}, r.Ignored...), Digest: r.Digest}
	for _, m := range r.Makes {
		if m.Kind == member.Sector {
			v.Sectors = append(v.Sectors, m.Name)
		} else {
			v.Groups = append(v.Groups, m.Name)
		}
	}
	for _, x := range r.Rows {
		row := tableRow{Line: x.Line, Name: x.Name, Action: x.Action, Label: tableActions[x.Action], Changes: []tableChange{}, Problems: []tableProblem{}}
		for _, c := range x.Changes {
			row.Changes = append(row.Changes, tableChange(c))
		}
		for _, p := range x.Problems {
			row.Problems = append(row.Problems, tableProblem{p.Column, p.Message})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
