package proposal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// ErrWindow is the fault of a supervision that ends before it begins.
var ErrWindow = fault.New(fault.Invalid, "proposal.window", "督办的起止日期不正确：结束日期不能早于开始日期。")

// Honour is which mark of honour it is.
type Honour string

// The marks.
const (
	Key       Honour = "KEY"       // 重点提案
	Excellent Honour = "EXCELLENT" // 优秀提案
)

// Mark is a mark of honour of a proposal on its way: nominated, approved by the
// 主席会议 or a review, and, of the excellent, published. A meeting may approve what
// nobody had nominated before.
type Mark struct {
	MatterID      string `gorm:"primaryKey"`
	Honour        Honour `gorm:"primaryKey"`
	InstitutionID string
	Note          string // of the nomination
	Meeting       string // that approved it
	NominatedAt   *time.Time
	ApprovedAt    *time.Time
	PublishedAt   *time.Time
}

// TableName names the table.
func (Mark) TableName() string { return "proposal_marks" }

// known is when a mark became known beyond the office: a 重点提案 when it is approved,
// an 优秀提案 when it is published.
func (m Mark) known() *time.Time {
	if m.Honour == Key {
		return m.ApprovedAt
	}
	return m.PublishedAt
}

// mark sets one column of time of a mark, and what else is known of it. What was
// marked before keeps its time.
func mark(m *matter.Move, h Honour, column, text, words string) {
	columns := map[string]any{"nominated_at": nil, "approved_at": nil, "published_at": nil, "note": "", "meeting": "", column: m.At}
	if text != "" {
		columns[text] = words
	}
	set := column + " = COALESCE(proposal_marks." + column + ", excluded." + column + ")"
	if words != "" {
		set += ", " + text + " = excluded." + text
	}
	m.Tx.Exec(`INSERT INTO proposal_marks (matter_id, honour, institution_id, note, meeting, nominated_at, approved_at, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (matter_id, honour) DO UPDATE SET `+set,
		m.Matter.ID, h, m.Matter.InstitutionID, columns["note"], columns["meeting"], columns["nominated_at"], columns["approved_at"], columns["published_at"])
}

// nominate notes that a proposal is nominated.
func nominate(h Honour) matter.Effect {
	return func(_ context.Context, m *matter.Move) error {
		m.Comment = m.Input.(NominateInput).Note
		mark(m, h, "nominated_at", "note", m.Comment)
		return nil
	}
}

// approveKey makes it a 重点提案, with the supervision that was approved with it.
func (s *Service) approveKey(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ApproveKeyInput)
	where, err := meet(ctx, m, in.Met)
	if err != nil {
		return err
	}
	mark(m, Key, "approved_at", "meeting", in.Meeting)
	m.Comment = where + "列为重点提案，督办方式：" + in.Way.words()
	if in.Leader != "" {
		m.Comment += "，由" + in.Leader + "督办"
		from := calendar.Of(m.At)
		s.task(m, in.Leader, in.Way, from, from.Add(usualWindow), "")
	}
	m.TellAuthors(notify.Progress, "您的提案列为重点提案", fmt.Sprintf("“%s”已列为重点提案。", m.Matter.Title), m.Words("重点提案"))
	return nil
}

// reviewExcellent books that a review found it excellent; it is told when it is
// published.
func (s *Service) reviewExcellent(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ReviewExcellentInput)
	where, err := meet(ctx, m, in.Met)
	if err != nil {
		return err
	}
	m.Comment = strings.TrimSuffix(where, "：")
	mark(m, Excellent, "approved_at", "meeting", in.Meeting)
	return nil
}

// publishExcellent makes it known that it is an 优秀提案.
func (s *Service) publishExcellent(_ context.Context, m *matter.Move) error {
	mark(m, Excellent, "published_at", "", "")
	m.Comment = "评为优秀提案"
	m.TellAuthors(notify.Progress, "您的提案被评为优秀提案", fmt.Sprintf("祝贺！“%s”被评为优秀提案。", m.Matter.Title), m.Words("优秀提案"))
	return nil
}

// SupervisionWay is how a leader supervises (督办).
type SupervisionWay string

// The ways (domain.md §3.3).
const (
	ByDeliberation SupervisionWay = "DELIBERATION" // 协商座谈
	ByVisit        SupervisionWay = "VISIT"        // 实地考察
	ByResearch     SupervisionWay = "RESEARCH"     // 专题调研
	ByCall         SupervisionWay = "CALL"         // 走访
)

func (w SupervisionWay) words() string {
	return map[SupervisionWay]string{ByDeliberation: "协商座谈", ByVisit: "实地考察", ByResearch: "专题调研", ByCall: "走访"}[w]
}

// usualWindow is for how many days a supervision runs of which nothing else is said:
// as long as the handling.
const usualWindow = 92

// SupervisionTask is one supervision: who leads it, how, in which window, and what it
// found.
type SupervisionTask struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	Leader        string
	Way           SupervisionWay
	Begins        calendar.Day
	Ends          calendar.Day
	Note          string // what is to be looked at
	Report        string // empty until it is there
	ReportedAt    *time.Time
	CreatedAt     time.Time
}

// TableName names the table.
func (SupervisionTask) TableName() string { return "proposal_supervisions" }

func (s *Service) task(m *matter.Move, leader string, way SupervisionWay, begins, ends calendar.Day, note string) {
	m.Tx.Insert(&SupervisionTask{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, Leader: leader, Way: way, Begins: begins, Ends: ends,
		Note: note, CreatedAt: m.Now,
	})
}

// supervise arranges a supervision; the units learn of it in the timeline.
func (s *Service) supervise(_ context.Context, m *matter.Move) error {
	in := m.Input.(SuperviseInput)
	begins := calendar.Of(m.At)
	ends := begins.Add(usualWindow)
	for _, d := range []struct {
		text string
		day  *calendar.Day
	}{{in.Begins, &begins}, {in.Ends, &ends}} {
		if d.text == "" {
			continue
		}
		day, err := calendar.Parse(d.text)
		if err != nil {
			return ErrWindow
		}
		*d.day = day
	}
	if in.Begins != "" && in.Ends == "" {
		ends = begins.Add(usualWindow)
	}
	if ends.Before(begins) {
		return ErrWindow
	}
	s.task(m, in.Leader, in.Way, begins, ends, in.Note)
	m.Comment = fmt.Sprintf("%s督办，方式：%s，%s至%s。%s", in.Leader, in.Way.words(), chinese(begins), chinese(ends), in.Note)
	return nil
}

// reportSupervision keeps what a supervision found: of the oldest that runs, or of
// one that had not been arranged.
func (s *Service) reportSupervision(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SupervisionReportInput)
	open, err := gorm.G[SupervisionTask](m.Tx.Gorm(ctx)).Where("matter_id = ? AND reported_at IS NULL", m.Matter.ID).Order("id").Limit(1).Find(ctx)
	if err != nil {
		return fmt.Errorf("find the supervision: %w", err)
	}
	leader := in.Leader
	if len(open) > 0 {
		leader = open[0].Leader
		m.Tx.Exec("UPDATE proposal_supervisions SET way = ?, report = ?, reported_at = ? WHERE id = ?", in.Way, in.Report, m.At, open[0].ID)
	} else {
		if leader == "" {
			leader = m.Actor.Name
		}
		day := calendar.Of(m.At)
		m.Tx.Insert(&SupervisionTask{
			ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, Leader: leader, Way: in.Way, Begins: day, Ends: day,
			Report: in.Report, ReportedAt: &m.At, CreatedAt: m.Now,
		})
	}
	m.Comment = leader + in.Way.words() + "：" + in.Report
	m.Attach(attachment.ForProgress, in.Files)
	m.TellAuthors(notify.Progress, "您的提案有督办情况", fmt.Sprintf("“%s”：%s", m.Matter.Title, m.Comment), m.Words("督办"))
	return nil
}
