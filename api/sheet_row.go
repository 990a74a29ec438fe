package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// sheetRow is a row of a sheet on its way to be an act.
type sheetRow struct {
	line     int
	id       string // of the subject; empty where the row brings one into being
	matterID string
	words    string // what it is about, for the summary
	from     string // label of the state that it is in
	body     map[string]any
	handed   matter.Handed // where it brings a matter into being
	input    workflow.Input
	state    StateView // after it was done
	problems []sheetProblem
	warnings []sheetProblem
}

// sheetProblem is what is wrong with a cell, or with the row where it names no
// column.
type sheetProblem struct {
	Column  string `json:"column,omitempty" example:"纸件日期"`
	Message string `json:"message" example:"日期还没有到"`
}

func (r *sheetRow) wrong(column, message string) {
	r.problems = append(r.problems, sheetProblem{column, message})
}

// print is the fingerprint of all that a row stands for: what it says, whom and
// what it means, in which version, and what was warned of.
func (r *sheetRow) print() [sha256.Size]byte {
	raw, err := json.Marshal([]any{r.line, r.id, r.body, r.problems, r.warnings})
	if err != nil {
		panic(err) // plain data of ours
	}
	return sha256.Sum256(raw)
}

// rowsOf reads a sheet and finds out what each of its rows stands for. What is
// wrong with a row is kept with it.
func (k *sheetKind) rowsOf(ctx context.Context, c store.Conn, a member.Actor, x *sheetAction, data []byte) ([]*sheetRow, []string, error) {
	columns := x.columns()
	for i := range columns {
		columns[i].Choices = nil // read more kindly than they are offered: "A" for "A 已经解决或采纳"
	}
	table, err := sheet.Read(data, columns)
	if err != nil {
		return nil, nil, err
	}
	if len(table.Rows) > x.maxRows() {
		return nil, nil, errSheetRows.Saying(fmt.Sprintf("这个表格有%d行，一次最多%d行，请分成几个表格。", len(table.Rows), x.maxRows()))
	}
	names, err := k.namesOf(ctx, c, a, x, table.Rows)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]*sheetRow, len(table.Rows))
	for i, cells := range table.Rows {
		r := &sheetRow{line: cells.Line, body: map[string]any{}}
		for _, p := range table.Problems {
			if p.Line == r.line {
				r.wrong(p.Column, p.Message)
			}
		}
		k.subject(r, x, cells, names)
		x.fill(r, cells, names)
		if len(r.problems) == 0 {
			if err := x.parse(r); err != nil {
				return nil, nil, err
			}
		}
		rows[i] = r
	}
	x.refuseTwice(rows)
	return rows, table.Ignored, k.warn(ctx, c, a, x, rows)
}

// subject finds what a row is about.
func (k *sheetKind) subject(r *sheetRow, x *sheetAction, cells sheet.Row, names *sheetNames) {
	if x.open != nil {
		k.author(r, cells, names)
		return
	}
	word := cells.Get(columnMatter)
	if word == "" {
		return // said already
	}
	line, problem := names.matter(word)
	if problem != "" {
		r.wrong(columnMatter, problem)
		return
	}
	r.matterID = line.ID
	r.words = "“" + line.Title + "”（" + strings.TrimPrefix(text(line.Number)+"，"+line.AuthorName, "，") + "）"
	if k.kind != "" {
		r.id, r.from, r.body["version"] = line.ID, k.flow.LabelOf(line.Status), line.Version
		return
	}
	unit := cells.Get(columnUnit)
	asg, ok := names.assignments[line.ID+unit]
	if !ok {
		if unit != "" {
			r.wrong(columnUnit, "这件事项没有交给“"+unit+"”办理，请核对单位全称")
		}
		return
	}
	r.words += unit
	r.id, r.from, r.body["version"] = asg.ID, k.flow.LabelOf(asg.Status), asg.Version
}

// author finds whose paper a row is.
func (k *sheetKind) author(r *sheetRow, cells sheet.Row, names *sheetNames) {
	name := cells.Get(columnAuthor)
	if name == "" {
		return // said already
	}
	id, problem := names.person(name, cells.Get(columnGroup), cells.Get(columnPhone))
	if problem != "" {
		r.wrong(columnAuthor, problem)
		return
	}
	r.handed.PersonID = id
	r.words = nameOf(name)
	r.set("paper.person_id", id)
}

// fill reads the other cells of a row into the body of the action.
func (x *sheetAction) fill(r *sheetRow, cells sheet.Row, names *sheetNames) {
	for _, f := range x.fields {
		cell := cells.Get(f.column.Name)
		if cell == "" || slices.ContainsFunc(r.problems, func(p sheetProblem) bool { return p.Column == f.column.Name }) {
			continue
		}
		value, problem := f.value(cell, names)
		if problem != "" {
			r.wrong(f.column.Name, problem)
			continue
		}
		r.set(f.path, value)
	}
	paper, ok := r.body["paper"].(map[string]any)
	date := x.columnOf("paper.date")
	if ok && paper["date"] == nil && !slices.ContainsFunc(r.problems, func(p sheetProblem) bool { return p.Column == date }) {
		r.wrong(date, "没有填写；代录的都要填日期")
	}
}

// set puts a value into the body.
func (r *sheetRow) set(path string, value any) {
	if key, ok := strings.CutPrefix(path, "paper."); ok {
		paper, _ := r.body["paper"].(map[string]any)
		if paper == nil {
			paper = map[string]any{}
		}
		paper[key] = value
		r.body["paper"] = paper
		return
	}
	r.body[path] = value
}

// parse makes the input of the body, by the same rules as a request: what is
// wrong is said of the column.
func (x *sheetAction) parse(r *sheetRow) error {
	raw, err := json.Marshal(r.body)
	if err != nil {
		return fmt.Errorf("make the input of a row: %w", err)
	}
	r.input, err = x.body.parse(raw)
	f := fault.As(err)
	if f == nil {
		return err
	}
	for _, field := range f.Fields {
		r.wrong(x.columnOf(strings.TrimPrefix(strings.TrimPrefix(field.Path, "body"), ".")), field.Message)
	}
	return nil
}

// refuseTwice finds rows on one subject: the second would act on what the first
// has moved. What only adds to it may come twice.
func (x *sheetAction) refuseTwice(rows []*sheetRow) {
	if x.rule.Stays() {
		return
	}
	first := map[string]int{}
	for _, r := range rows {
		if r.id == "" {
			continue
		}
		if line, ok := first[r.id]; ok {
			r.wrong(columnMatter, fmt.Sprintf("与第%d行是同一件", line))
			continue
		}
		first[r.id] = r.line
	}
}

// warn finds rows that look as if they had been entered before.
func (k *sheetKind) warn(ctx context.Context, c store.Conn, a member.Actor, x *sheetAction, rows []*sheetRow) error {
	if x.open == nil {
		return nil
	}
	var all []matter.Handed
	for _, r := range rows {
		paper, _ := r.body["paper"].(map[string]any)
		date, _ := paper["date"].(string)
		r.handed.Title, _ = r.body["title"].(string)
		r.handed.Day, _ = calendar.Parse(date)
		if r.handed.Title != "" && r.handed.PersonID != "" {
			all = append(all, r.handed)
		}
	}
	twins, err := k.api.matters.Twins(ctx, c, a, k.kind, all)
	first := map[matter.Handed]int{}
	for _, r := range rows {
		if _, ok := twins[r.handed]; ok {
			r.warnings = append(r.warnings, sheetProblem{"", "已有同一提出人、同一天、同一标题的一件，可能已经登记过"})
		}
		if line, ok := first[r.handed]; ok && r.handed.PersonID != "" {
			r.warnings = append(r.warnings, sheetProblem{"", fmt.Sprintf("与第%d行的提出人、日期和标题都相同", line)})
			continue
		}
		first[r.handed] = r.line
	}
	return err
}
