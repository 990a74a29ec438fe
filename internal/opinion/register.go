package opinion

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
)

// Finding is what somebody found who looked into the facts (调查核实).
type Finding struct {
	MatterID      string `gorm:"primaryKey"`
	Ordinal       int    `gorm:"primaryKey;autoIncrement:false"`
	InstitutionID string
	Body          string
	FinderName    string
	CreatedAt     time.Time
}

// TableName names the table.
func (Finding) TableName() string { return "opinion_findings" }

// register gives a report its number, the next of the year, unless it had one
// before it was returned; and classifies it.
func register(_ context.Context, m *matter.Move) error {
	in := m.Input.(RegisterInput)
	if in.Category != "" {
		m.Set("category", in.Category)
	}
	if in.Urgency != "" {
		m.SetUrgent(in.Urgency == Urgent)
	}
	if in.Confidentiality != "" {
		m.Tx.Exec("UPDATE opinions SET confidentiality = ? WHERE matter_id = ?", in.Confidentiality, m.Matter.ID)
	}
	if m.Matter.Number == nil {
		m.Number(Numbers(m.At))
	}
	m.TellAuthors(notify.Decision, "您的社情民意已登记", fmt.Sprintf("“%s”办公室已经收到并登记，研究编辑后有报送、采用会告诉您。", m.Matter.Title), m.Words("已登记"))
	return nil
}

// keep keeps a report on file: it is not used now, and counts as handed in.
func keep(_ context.Context, m *matter.Move) error {
	m.TellAuthors(notify.Decision, "您的社情民意已留存",
		fmt.Sprintf("“%s”已经留存备用。%s 这一件照样计入您提交的社情民意，感谢您的反映。", m.Matter.Title, m.Comment), m.Words("已留存"))
	return nil
}

// setUrgency says whether a report can wait. The clock that runs begins anew, as
// long as it is for what is urgent, or for what is not.
func setUrgency(_ context.Context, m *matter.Move) error {
	urgent := m.Input.(UrgencyInput).Urgency == Urgent
	if urgent == m.Matter.Urgent {
		return ErrUrgency
	}
	if m.Comment = "改为一般"; urgent {
		m.Comment = "改为急件"
	}
	m.SetUrgent(urgent)
	m.To = m.Subject.Status
	if m.To == Verifying && m.Matter.LedByUnit != nil {
		m.Holder = matter.UnitHolder(*m.Matter.LedByUnit)
	}
	return nil
}

// verify has the facts looked into: by a committee, whose people then see the
// report, or by the office itself. ErrCommittee tells of what is no committee.
func verify(ctx context.Context, m *matter.Move) error {
	in := m.Input.(VerifyInput)
	m.Comment = in.Points
	if in.CommitteeID == "" {
		m.Set("led_by_unit", nil)
		return nil
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, []string{in.CommitteeID})
	if err != nil {
		return err
	}
	if units[0].Kind != institution.Committee {
		return ErrCommittee
	}
	m.Set("led_by_unit", in.CommitteeID)
	m.Holder = matter.UnitHolder(in.CommitteeID)
	m.Comment = "请" + units[0].Name + "核实。" + in.Points
	people, err := member.OfUnits(ctx, m.Tx, m.Matter.InstitutionID, []string{in.CommitteeID}, calendar.Of(m.Now))
	m.Tell(m.Matter, people[in.CommitteeID], notify.Task, "请核实一件社情民意", fmt.Sprintf("“%s”请调查核实，并登记核实情况。%s", m.Matter.Title, in.Points), m.Words("请核实"))
	return err
}

// recordFindings keeps what was found. It goes on to be edited.
func recordFindings(ctx context.Context, m *matter.Move) error {
	in := m.Input.(FindingsInput)
	n, err := next(ctx, m, "opinion_findings")
	if err != nil {
		return err
	}
	m.Tx.Insert(&Finding{
		MatterID: m.Matter.ID, Ordinal: n, InstitutionID: m.Matter.InstitutionID, Body: in.Findings,
		FinderName: m.Actor.Name, CreatedAt: m.At,
	})
	m.AttachInside(attachment.ForProgress, in.Files)
	return nil
}

// maxRows is how many versions, findings or facts of one sort a report may have.
const maxRows = 200

// next is the ordinal of the next row of a table of a report, whose matter is
// locked. ErrFull tells of one that has too many.
func next(ctx context.Context, m *matter.Move, table string) (int, error) {
	var n int
	err := m.Tx.Gorm(ctx).Raw("SELECT COALESCE(MAX(ordinal), 0) + 1 FROM "+table+" WHERE matter_id = ?", m.Matter.ID).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", table, err)
	}
	if n > maxRows {
		return 0, ErrFull
	}
	return n, nil
}

// closeReport ends a report that no unit has to answer, and tells what came of it.
func closeReport(_ context.Context, m *matter.Move) error {
	in := m.Input.(CloseInput)
	m.Tx.Exec("UPDATE opinions SET result = ? WHERE matter_id = ?", in.Result, m.Matter.ID)
	m.Comment = in.Result
	m.TellAuthors(notify.Decision, "您的社情民意已办结", fmt.Sprintf("“%s”已办结：%s 感谢您的反映。", m.Matter.Title, in.Result), m.Words("已办结"))
	return nil
}

// archive files a report away; nothing is told.
func archive(context.Context, *matter.Move) error { return nil }
