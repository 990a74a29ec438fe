// Package roster takes whole tables of people and units in, as offices keep
// them, and gives them out with the same columns. What a table would do is shown
// before anything is written, row by row; confirming does all of it or nothing.
//
// A row never takes anything away: an empty cell leaves what is there, and who
// is not in the table stays as they are.
package roster

import (
	"slices"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/seal"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// The faults of an import.
var (
	ErrWrong = fault.New(fault.Invalid, "roster.wrong", "表格里还有错误，什么都没有导入。请按预览中的说明改好后重新上传。")
	ErrStale = fault.New(fault.Conflict, "roster.stale", "名册在您预览之后有变动，请重新预览后再确认。")
)

// Kind says what a table lists.
type Kind string

// The kinds of tables.
const (
	Members Kind = "MEMBERS" // 委员, one a row
	Units   Kind = "UNITS"   // 单位
	Staff   Kind = "STAFF"   // whoever else holds a role, one role a row
)

// Title is what a table of a kind is called.
func (k Kind) Title() string {
	return map[Kind]string{Members: "委员名册", Units: "单位名册", Staff: "工作人员名册"}[k]
}

// The columns.
const (
	colName     = "姓名"
	colPhone    = "手机号"
	colPosition = "职务"
	colSector   = "界别"
	colGroup    = "联络组"
	colTerm     = "届次"
	colBegins   = "任职日期"
	colRole     = "角色"
	colUnit     = "单位"
	colUnitName = "单位名称"
	colKind     = "类型"
)

// keeps is said of every cell that may be empty.
const keeps = "空着不填的，保持名册中原来的内容。"

// Columns are those of a kind of table, in their order.
func Columns(k Kind) []sheet.Column {
	name := sheet.Column{Name: colName, Required: true, Note: "少数民族姓名中的圆点用“·”。"}
	phone := sheet.Column{Name: colPhone, Also: []string{"手机", "电话", "联系电话", "手机号码"}, Width: 16, Note: "11位手机号，用来认出是同一个人。" + keeps}
	position := sheet.Column{Name: colPosition, Also: []string{"政协职务"}, Width: 18, Note: "例如：副主席、常委。" + keeps}
	begins := sheet.Column{Name: colBegins, Also: []string{"任职时间"}, Note: "例如：2026-01-10。新任职不填时从今天（或本届开始之日）算起。"}
	switch k {
	case Members:
		name.Also = []string{"委员姓名"}
		return []sheet.Column{
			name, phone, position,
			{Name: colSector, Also: []string{"所属界别"}, Width: 18, Note: keeps}, {Name: colGroup, Also: []string{"小组", "所属联络组"}, Width: 18, Note: keeps},
			{Name: colTerm, Also: []string{"届"}, Note: "例如：第十一届。新委员不填时为本届。"}, begins,
		}
	case Units:
		return []sheet.Column{
			{Name: colUnitName, Also: []string{"名称", "承办单位"}, Required: true, Width: 30},
			{Name: colKind, Also: []string{"单位类型"}, Required: true, Width: 16, Choices: institution.UnitWords()},
		}
	default:
		return []sheet.Column{
			name, phone, position,
			{Name: colRole, Required: true, Width: 18, Choices: roleWords(), Note: "一人有几个角色的，每个角色写一行。"},
			{Name: colUnit, Also: []string{"所属单位"}, Width: 30, Note: "承办单位的经办人、负责人和专委会的工作人员必填，其他人不填。"}, begins,
		}
	}
}

// roleWords are what the roles of staff are called, in the order of Roles.
func roleWords() []string {
	var words []string
	for role, word := range member.Roles() {
		if role != member.Member {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

func roleOf(word string) member.Role {
	for role, w := range member.Roles() {
		if w == word {
			return role
		}
	}
	return ""
}

// Action is what a row does.
type Action string

// The actions.
const (
	Added     Action = "NEW"
	Changed   Action = "CHANGED"
	Unchanged Action = "UNCHANGED"
	Wrong     Action = "WRONG"
)

// Change is one field that a row changes. Phone numbers are masked.
type Change struct{ Column, From, To string }

// Row is what one row of a table does, or what is wrong with it.
type Row struct {
	Line     int // in the sheet, as people count
	Name     string
	Action   Action
	Changes  []Change
	Problems []sheet.Problem
}

// Making is a sector or group that is not in its list yet and would be made.
type Making struct {
	Kind member.DivisionKind
	Name string
}

// Report is what a table does.
type Report struct {
	Rows    []Row
	Count   map[Action]int
	Absent  int // how many of the roster are not in the table; they stay
	Makes   []Making
	Ignored []string // headings that are none of ours
	Digest  string   // of the table and of all that it would do; confirming takes it
}

// Service imports and exports the roster of one institution at a time: that of
// the actor who asks.
type Service struct {
	db     *store.DB
	people *member.Service
	keeper *seal.Keeper
	now    func() time.Time
}

// New returns the service.
func New(db *store.DB, people *member.Service, keeper *seal.Keeper, now func() time.Time) *Service {
	return &Service{db: db, people: people, keeper: keeper, now: now}
}
