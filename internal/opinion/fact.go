package opinion

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// The faults of facts.
var (
	ErrDate     = fault.New(fault.Invalid, "opinion.date", "日期请核对：不能晚于今天，也不能早于这件社情民意提交的那一天。")
	ErrRecorded = fault.New(fault.Invalid, "opinion.recorded", "这一条已经登记过了。如果登记有误，请先更正原来的那一条。")
	ErrFact     = fault.New(fault.Invalid, "opinion.fact", "没有找到这一条登记，或者它已经更正过了。请刷新后再看。")
	ErrWords    = fault.New(fault.Invalid, "opinion.words", "本单位没有开启保存批示内容，这里只登记领导、日期、编号和交办单位，请去掉批示内容和扫描件。")
)

// Sort is a sort of fact.
type Sort string

// The sorts.
const (
	OfDispatch    Sort = "DISPATCH"    // 报送
	OfAdoption    Sort = "ADOPTION"    // 采用
	OfInstruction Sort = "INSTRUCTION" // 批示
)

// words is what people call a fact.
func (s Sort) words() string {
	return map[Sort]string{OfDispatch: "报送", OfAdoption: "采用", OfInstruction: "批示"}[s]
}

// table is where facts of a sort stand.
func (s Sort) table() string {
	return map[Sort]string{OfDispatch: "opinion_dispatches", OfAdoption: "opinion_adoptions", OfInstruction: "opinion_instructions"}[s]
}

// Level is where an organ or a leader stands.
type Level string

// The levels.
const (
	Town       Level = "TOWN"
	County     Level = "COUNTY"
	Prefecture Level = "PREFECTURE"
	Province   Level = "PROVINCE"
	Nation     Level = "NATION"
)

// Form is in which way a report was taken up.
type Form string

// The forms.
const (
	Whole Form = "WHOLE" // 单篇采用
	Part  Form = "PART"  // 综合采用
	Award Form = "AWARD" // 评优获奖
)

// Fact is what all facts have that staff record of a report. None is changed or
// deleted: one that was entered wrongly is revoked, and stays to be read as such.
type Fact struct {
	InstitutionID string
	Day           calendar.Day // on which it was so
	RecorderName  string
	RecordedAt    time.Time
	RevokedAt     *time.Time
	RevokerName   string // empty until revoked, as the reason
	RevokedReason string
}

// Dispatch is one recipient to whom a report went (报送).
type Dispatch struct {
	MatterID string `gorm:"primaryKey"`
	Ordinal  int    `gorm:"primaryKey;autoIncrement:false"` // of its sort, from 1
	Fact
	Organ      string
	Level      Level
	DocumentNo string // ours
	ReceiptNo  string // theirs, once they have told it
}

// TableName names the table.
func (Dispatch) TableName() string { return OfDispatch.table() }

// Adoption is that an organ took a report up (采用).
type Adoption struct {
	MatterID string `gorm:"primaryKey"`
	Ordinal  int    `gorm:"primaryKey;autoIncrement:false"` // of its sort, from 1
	Fact
	Adopter     string
	Level       Level
	Form        Form
	Publication string // or the name of an award
}

// TableName names the table.
func (Adoption) TableName() string { return OfAdoption.table() }

// Instruction is that a leader wrote on a report (批示).
type Instruction struct {
	MatterID string `gorm:"primaryKey"`
	Ordinal  int    `gorm:"primaryKey;autoIncrement:false"` // of its sort, from 1
	Fact
	Leader    string
	Rank      Level
	Number    string
	UnitsJSON string // units that are to handle it; "[]": none
	Text      string // empty unless the institution keeps it
}

// TableName names the table.
func (Instruction) TableName() string { return OfInstruction.table() }

// Units returns the units that the instruction names.
func (x Instruction) Units() []string {
	units := []string{}
	_ = json.Unmarshal([]byte(x.UnitsJSON), &units) // what recordInstruction wrote
	return units
}

// fact makes what all facts have, with the next ordinal of its sort: on the day that
// was given, today where none was. ErrDate and ErrFull tell of what cannot be.
func fact(ctx context.Context, m *matter.Move, sort Sort, date string) (int, Fact, error) {
	day, today := calendar.Of(m.At), calendar.Of(m.Now)
	if date != "" {
		var err error
		if day, err = calendar.Parse(date); err != nil {
			return 0, Fact{}, ErrDate
		}
	}
	if day.After(today) || day.Before(calendar.Of(m.Matter.SubmittedAt)) {
		return 0, Fact{}, ErrDate
	}
	n, err := next(ctx, m, sort.table())
	return n, Fact{InstitutionID: m.Matter.InstitutionID, Day: day, RecorderName: m.Typist.Name, RecordedAt: m.Now}, err
}

// unheard returns ErrRecorded where a fact that was not revoked meets a condition:
// a list that is entered twice must not count twice.
func unheard(ctx context.Context, m *matter.Move, sort Sort, condition string, args ...any) error {
	var n int
	err := m.Tx.Gorm(ctx).Raw("SELECT COUNT(*) FROM "+sort.table()+" WHERE matter_id = ? AND revoked_at IS NULL AND "+condition,
		append([]any{m.Matter.ID}, args...)...).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("look for the same fact: %w", err)
	}
	if n > 0 {
		return ErrRecorded
	}
	return nil
}

// report records the first recipients of a report, and tells the authors.
func report(ctx context.Context, m *matter.Move) error {
	return reportTo(ctx, m, notify.Decision, "您的社情民意已报送")
}

// reportMore records other recipients. The authors read of it in the digest of
// the day.
func reportMore(ctx context.Context, m *matter.Move) error {
	return reportTo(ctx, m, notify.Progress, "您的社情民意又报送了一处")
}

func reportTo(ctx context.Context, m *matter.Move, e notify.Event, title string) error {
	in := m.Input.(ReportInput)
	var organs []string
	for _, r := range append([]Recipient{in.Recipient}, in.More...) {
		n, f, err := fact(ctx, m, OfDispatch, cmp.Or(r.Date, in.Date))
		if err != nil {
			return err
		}
		if err := unheard(ctx, m, OfDispatch, "organ = ? AND day = ? AND document_no = ?", r.Organ, f.Day, r.DocumentNo); err != nil {
			return err
		}
		m.Tx.Insert(&Dispatch{MatterID: m.Matter.ID, Ordinal: n, Fact: f, Organ: r.Organ, Level: r.Level, DocumentNo: r.DocumentNo})
		organs = append(organs, r.Organ)
	}
	all := strings.Join(organs, "、")
	m.Comment = "报送" + all
	m.TellAuthors(e, title, fmt.Sprintf("“%s”已报送%s。有采用或批示会告诉您。", m.Matter.Title, all), m.Words("已报送"))
	return nil
}

// recordReceipt keeps under which number a recipient has a report: one that uses
// another system gives it later.
func recordReceipt(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ReceiptInput)
	done := m.Tx.Gorm(ctx).Exec("UPDATE opinion_dispatches SET receipt_no = ? WHERE matter_id = ? AND ordinal = ? AND revoked_at IS NULL",
		in.ReceiptNo, m.Matter.ID, in.Fact)
	if done.Error != nil {
		return fmt.Errorf("keep the number of a recipient: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrFact
	}
	m.Comment = fmt.Sprintf("第%d条报送：%s", in.Fact, in.ReceiptNo)
	return nil
}

// recordAdoption keeps that a report was taken up, and tells the authors.
func recordAdoption(ctx context.Context, m *matter.Move) error {
	in := m.Input.(AdoptionInput)
	n, f, err := fact(ctx, m, OfAdoption, in.Date)
	if err != nil {
		return err
	}
	if in.Form == "" {
		in.Form = Whole
	}
	err = unheard(ctx, m, OfAdoption, "adopter = ? AND day = ? AND form = ? AND publication = ?", in.Adopter, f.Day, in.Form, in.Publication)
	if err != nil {
		return err
	}
	m.Tx.Insert(&Adoption{MatterID: m.Matter.ID, Ordinal: n, Fact: f, Adopter: in.Adopter, Level: in.Level, Form: in.Form, Publication: in.Publication})
	title, status := "您的社情民意被采用了", "被采用"
	m.Comment = in.Adopter + in.Form.words()
	if in.Form == Award {
		title, status = "您的社情民意获奖了", "获奖"
	}
	if in.Publication != "" {
		m.Comment += "：" + in.Publication
	}
	m.TellAuthors(notify.Decision, title, fmt.Sprintf("“%s”：%s。感谢您的反映，祝贺您。", m.Matter.Title, m.Comment), m.Words(status))
	return nil
}

// words is what people call a form.
func (f Form) words() string {
	return map[Form]string{Whole: "采用", Part: "综合采用", Award: "评优"}[f]
}

// recordInstruction keeps that a leader wrote on a report. The authors are told
// that there is one, and neither whose nor what it says.
func recordInstruction(ctx context.Context, m *matter.Move) error {
	in := m.Input.(InstructionInput)
	n, f, err := fact(ctx, m, OfInstruction, in.Date)
	if err != nil {
		return err
	}
	if in.Text != "" || len(in.Scans) > 0 {
		keeps, err := KeepsWords().Of(ctx, m.Tx, m.Matter.InstitutionID)
		if err != nil {
			return err
		}
		if !keeps {
			return ErrWords
		}
	}
	if err := unheard(ctx, m, OfInstruction, "leader = ? AND day = ? AND number = ?", in.Leader, f.Day, in.Number); err != nil {
		return err
	}
	units := append([]string{}, in.Units...)
	if len(units) > 0 {
		if _, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, units); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(units)
	if err != nil {
		return fmt.Errorf("record an instruction: %w", err)
	}
	m.Tx.Insert(&Instruction{MatterID: m.Matter.ID, Ordinal: n, Fact: f, Leader: in.Leader, Rank: in.Rank, Number: in.Number, UnitsJSON: string(raw), Text: in.Text})
	m.AttachInside(attachment.ForScan, in.Scans)
	m.TellAuthors(notify.Decision, "您的社情民意获批示", fmt.Sprintf("“%s”获领导批示。感谢您的反映，后续办理情况会告诉您。", m.Matter.Title), m.Words("获批示"))
	return nil
}

// revokeFact takes back a fact that was entered wrongly. Whoever was told of it is
// told of this.
func revokeFact(ctx context.Context, m *matter.Move) error {
	in := m.Input.(RevokeInput)
	done := m.Tx.Gorm(ctx).Exec("UPDATE "+in.Sort.table()+" SET revoked_at = ?, revoker_name = ?, revoked_reason = ? WHERE matter_id = ? AND ordinal = ? AND revoked_at IS NULL",
		m.Now, m.Typist.Name, in.Reason, m.Matter.ID, in.Fact)
	if done.Error != nil {
		return fmt.Errorf("revoke a fact: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrFact
	}
	m.Comment = fmt.Sprintf("第%d条%s登记有误：%s", in.Fact, in.Sort.words(), in.Reason)
	m.TellAuthors(notify.Decision, "更正："+in.Sort.words()+"登记有误",
		fmt.Sprintf("“%s”先前告诉您的一条%s登记有误，已更正：%s 给您添麻烦了。", m.Matter.Title, in.Sort.words(), in.Reason), m.Words("已更正"))
	return nil
}
