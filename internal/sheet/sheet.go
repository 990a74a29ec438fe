// Package sheet reads and writes tables as offices keep them: the first sheet of
// an .xlsx workbook, or a .csv in UTF-8 or GBK. Every cell is text; what it
// means is for those who declare the columns.
//
// It trusts nothing of what it reads: sizes are bounded, and every text comes in
// the form of package plain. What it writes are texts as well, so that no
// telephone number loses a digit and no cell is a formula.
package sheet

import (
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/fault"
)

// The limits of a table that is read.
const (
	MaxRows    = 5000 // below the heading
	MaxColumns = 60
	MaxCell    = 10_000 // characters of one cell
	// maxHeading is within how many rows the heading must stand: offices put a
	// title above it, and a line on who made the table.
	maxHeading = 10
	// maxUnpacked bounds what a workbook unpacks to, in bytes. All of it stays
	// in memory: nothing of a roster is written to a scratch file.
	maxUnpacked = 64 << 20
)

// The faults of a table.
var (
	ErrUnreadable = fault.New(fault.Invalid, "sheet.unreadable", "这个表格打不开。请用 Excel 或 WPS 另存为 .xlsx 后再传。")
	ErrTooLarge   = fault.New(fault.Invalid, "sheet.too_large", fmt.Sprintf("表格太大了：最多%d行、%d列，每格最多%d字。请分成几个文件。", MaxRows, MaxColumns, MaxCell))
	ErrNoHeading  = fault.New(fault.Invalid, "sheet.no_heading", "表格里没有找到表头。请下载模板，按模板的表头填写。")
	ErrColumns    = fault.New(fault.Invalid, "sheet.columns", "表头有问题，请按模板修改。")
	ErrEmpty      = fault.New(fault.Invalid, "sheet.empty", "表格里没有内容，请在表头下面填写后再传。")
)

// Column is a column that a table may have.
type Column struct {
	Name     string   // of the heading: "姓名"
	Also     []string // other headings that mean the same: "委员姓名"
	Required bool     // the heading must be there, and so must each cell
	Width    int      // in characters, where it is written; 0: 14
	Choices  []string // what a cell may say, offered in the template where they are few; empty: anything
	Note     string   // a word on how to fill it in, shown with the heading in the template
}

// Row is one row below the heading that is not empty.
type Row struct {
	Line  int // in the sheet, as people count: the first is 1
	cells map[string]string
}

// Get returns the cell of a column, empty where the row has none.
func (r Row) Get(column string) string { return r.cells[column] }

// Problem is what is wrong with one cell, or with a whole row where Column is
// empty.
type Problem struct {
	Line    int
	Column  string
	Message string // in Chinese, for who filled the table in
}

// Table is what was read.
type Table struct {
	Rows []Row
	// Problems are the cells that break what their column says: empty where one
	// is required, another word than the choices, characters that are refused.
	Problems []Problem
	// Ignored are headings that no column has. Their cells were left out, which
	// whoever brings the table should be told.
	Ignored []string
}

// read makes a table of rows of cells, of which one is the heading.
func read(rows [][]string, columns []Column) (Table, error) {
	at, heading, err := headingOf(rows, columns)
	if err != nil {
		return Table{}, err
	}
	t := Table{}
	for i, name := range rows[at] {
		if name, _ = normal(name); heading[i] == nil && name != "" && name != "序号" && !slices.Contains(t.Ignored, name) {
			t.Ignored = append(t.Ignored, name)
		}
	}
	for i, cells := range rows[at+1:] {
		row, problems := rowOf(at+i+2, cells, heading)
		if len(row.cells) == 0 && len(problems) == 0 {
			continue
		}
		t.Rows = append(t.Rows, row)
		t.Problems = append(t.Problems, append(problems, missing(row, problems, columns)...)...)
	}
	if len(t.Rows) == 0 {
		return Table{}, ErrEmpty
	}
	return t, nil
}

// headingOf finds the row that is the heading, and the column that each of its
// cells stands for.
func headingOf(rows [][]string, columns []Column) (at int, heading map[int]*Column, err error) {
	best := 0
	for i, cells := range rows[:min(len(rows), maxHeading)] {
		found := match(cells, columns)
		if len(found) > best {
			at, heading, best = i, found, len(found)
		}
	}
	if best == 0 {
		return 0, nil, ErrNoHeading
	}
	var wrong []fault.Field
	count := map[string]int{}
	for _, c := range heading {
		count[c.Name]++
	}
	for _, c := range columns {
		switch n := count[c.Name]; {
		case n == 0 && c.Required:
			wrong = append(wrong, fault.Field{Path: c.Name, Message: "缺少“" + c.Name + "”一列"})
		case n > 1:
			wrong = append(wrong, fault.Field{Path: c.Name, Message: "“" + c.Name + "”一列重复"})
		}
	}
	if len(wrong) > 0 {
		return 0, nil, ErrColumns.With(wrong...)
	}
	return at, heading, nil
}

func match(cells []string, columns []Column) map[int]*Column {
	found := map[int]*Column{}
	for i, cell := range cells {
		name, _ := normal(cell)
		name = strings.TrimSuffix(strings.Join(strings.Fields(name), ""), "*") // "姓 名", "姓名*"
		for j := range columns {
			if name == columns[j].Name || slices.Contains(columns[j].Also, name) {
				found[i] = &columns[j]
			}
		}
	}
	return found
}

func rowOf(line int, cells []string, heading map[int]*Column) (Row, []Problem) {
	row := Row{Line: line, cells: map[string]string{}}
	var problems []Problem
	for i, cell := range cells {
		c := heading[i]
		if c == nil {
			continue
		}
		value, ok := normal(cell)
		switch {
		case !ok:
			problems = append(problems, Problem{line, c.Name, "有看不见的控制字符，请删去后重新填写"})
			continue
		case value == "":
			continue
		case len(c.Choices) > 0 && !slices.Contains(c.Choices, value):
			problems = append(problems, Problem{line, c.Name, "请填写其中之一：" + strings.Join(c.Choices, "、")})
		}
		row.cells[c.Name] = value
	}
	return row, problems
}

// missing tells of required cells that are empty.
func missing(row Row, known []Problem, columns []Column) []Problem {
	var problems []Problem
	for _, c := range columns {
		if !c.Required || row.cells[c.Name] != "" || slices.ContainsFunc(known, func(p Problem) bool { return p.Column == c.Name }) {
			continue
		}
		problems = append(problems, Problem{row.Line, c.Name, "没有填写"})
	}
	return problems
}
