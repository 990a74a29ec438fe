package opinion

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// Service takes reports in, edits and reports them, and keeps what came of them.
type Service struct {
	db      *store.DB
	matters *matter.Service
	files   *attachment.Service
}

// New returns the service and registers the kind. It is not registered with
// package safety: nothing of an internal report goes to the platform's check.
func New(db *store.DB, matters *matter.Service, files *attachment.Service, tail *handling.Service) *Service {
	s := &Service{db: db, matters: matters, files: files}
	effects := matters.SharedEffects()
	maps.Copy(effects, tail.Effects(Kind, terms()))
	maps.Copy(effects, map[string]matter.Effect{
		"hand_up": handUp(effects["hand_up"]), "save": s.save, "send": s.send, "withdraw": matter.Withdraw("不再编报"), "register": register, "return": matters.GiveBack(mendClock, "补充", "，谢谢您。"), "keep": keep,
		"verify": verify, "record_findings": recordFindings, "edit": edit, "set_urgency": setUrgency,
		"send_for_sign": sendForSign, "sign": sign, "send_back": sendBack, "report": report, "report_more": reportMore,
		"record_receipt": recordReceipt, "record_adoption": recordAdoption, "record_instruction": recordInstruction, "revoke_fact": revokeFact,
		"close": closeReport, "archive": archive, "convert": matters.Convert(content),
	})
	authors := AuthorsToUnits()
	matters.Register(matter.Head{
		Kind: Kind, Flow: Flow(), Effects: effects, MergeInto: mergeInto(), UnmergeFrom: unmergeFrom(), Discreet: true,
		AuthorsToUnits: &authors, StandsFor: standsFor, Intake: s.intake, Upward: &matter.Upward{Action: "submit", Row: copyUp},
	})
	return s
}

// Submit hands a report in: for the actor, for the member whom a liaison names, or
// for whom staff record it from paper. ErrSecret, ErrTitle and ErrText tell of
// what the form could not, and see matter.Service.Open.
func (s *Service) Submit(ctx context.Context, tx *store.Tx, a member.Actor, in SubmitInput) (matter.Matter, []matter.Author, error) {
	if err := in.Content.check(); err != nil {
		return matter.Matter{}, nil, err
	}
	body, err := in.bodyOf(ctx, tx.Peek(), a, in.Paper != nil)
	if err != nil {
		return matter.Matter{}, nil, err
	}
	m, err := s.matters.Open(ctx, tx, a, matter.Opening{
		Kind: Kind, Action: "submit", Title: in.Title, Category: in.Category, Urgent: in.Urgency == Urgent,
		AuthorID: in.OnBehalfOf, Body: body, CoAuthors: in.CoAuthors, Paper: in.Paper,
	})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	begin(m, in.Content.unfinished())
	m.AskCoAuthors()
	m.TellBehalf()
	if err := hurry(ctx, m); err != nil {
		return matter.Matter{}, nil, err
	}
	if err := s.pictures(ctx, tx, a, m.Matter, in.Pictures); err != nil {
		return matter.Matter{}, nil, err
	}
	return m.Matter, m.Authors, s.matters.Deliver(ctx, m)
}

// Draft keeps a report that is not finished; nobody but its author sees it.
// ErrSecret tells of one that must not even be drafted here.
func (s *Service) Draft(ctx context.Context, tx *store.Tx, a member.Actor, in DraftInput) (matter.Matter, []matter.Author, error) {
	if in.Confidentiality == Secret {
		return matter.Matter{}, nil, ErrSecret
	}
	if in.isBegun() {
		in.Behalf = Behalf{}
	}
	body, err := in.bodyOf(ctx, tx.Peek(), a, false)
	if err != nil {
		return matter.Matter{}, nil, err
	}
	m, err := s.matters.Open(ctx, tx, a, matter.Opening{
		Kind: Kind, Action: "draft", Title: in.Title, Category: in.Category, Urgent: in.Urgency == Urgent,
		AuthorID: in.OnBehalfOf, Body: body, CoAuthors: in.CoAuthors,
	})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	begin(m, in.Unfinished)
	return m.Matter, m.Authors, s.pictures(ctx, tx, a, m.Matter, in.Pictures)
}

// begin adds the rows of this kind to a matter that is being opened.
func begin(m *matter.Move, c Unfinished) {
	m.Tx.Insert(&Opinion{MatterID: m.Matter.ID, InstitutionID: m.Matter.InstitutionID, Confidentiality: c.confidentiality()})
	m.Tx.Insert(version(m, 1, FromAuthor, c))
}

// UrgencyOf is how urgent a report is, as its form says it.
func UrgencyOf(x matter.Matter) Urgency {
	if x.Urgent {
		return Urgent
	}
	return Normal
}

func (c Unfinished) confidentiality() Confidentiality {
	if c.Confidentiality == "" {
		return Internal
	}
	return c.Confidentiality
}

func (c Content) unfinished() Unfinished { return Unfinished(c) }

// check holds what the form cannot.
func (c Content) check() error {
	if c.Confidentiality == Secret {
		return ErrSecret
	}
	if n := utf8.RuneCountInString(c.Title); n < 2 || n > 50 {
		return ErrTitle
	}
	if n := length(c.Situation, c.Analysis, c.Advice); n < 30 || n > maxText {
		return ErrText
	}
	return nil
}

// maxText is how long a report may be (domain.md §3.2: 一事一议, ≤1500 字).
const maxText = 1500

// length counts the characters of some texts together.
func length(texts ...string) int { return utf8.RuneCountInString(strings.Join(texts, "")) }

// hurry tells the office (信息科) at once of what cannot wait.
func hurry(ctx context.Context, m *matter.Move) error {
	if !m.Matter.Urgent {
		return nil
	}
	staff, err := member.OfRole(ctx, m.Tx.Peek(), m.Matter.InstitutionID, member.InfoStaff, calendar.Of(m.Now))
	m.Tell(m.Matter, staff, notify.Task, "急：有社情民意待登记", fmt.Sprintf("“%s”标明急件，请尽快登记。", m.Matter.Title), m.Words("急件待登记"))
	return err
}

// save keeps a draft as it stands now.
func (s *Service) save(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SaveInput)
	m.To = matter.Draft
	if in.Confidentiality == Secret {
		return ErrSecret
	}
	if in.isBegun() { // until it is said which body it is, it stays whose it was
		in.Behalf = BehalfOf(m.Authors)
	}
	if err := write(ctx, m, in.Unfinished, in.Behalf); err != nil {
		return err
	}
	return s.pictures(ctx, m.Tx, m.Typist, m.Matter, in.Pictures)
}

// send hands in what was a draft, or was returned.
func (s *Service) send(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SendInput)
	if err := in.Content.check(); err != nil {
		return err
	}
	if m.Subject.Status == matter.Draft {
		m.Set("submitted_at", m.At)
	}
	if err := write(ctx, m, in.Content.unfinished(), in.Behalf); err != nil {
		return err
	}
	m.AskCoAuthors()
	m.TellBehalf()
	if err := hurry(ctx, m); err != nil {
		return err
	}
	return s.pictures(ctx, m.Tx, m.Typist, m.Matter, in.Pictures)
}

// write keeps what the author writes now, and whose it is. A draft is one version, written over;
// what was handed in before and returned stays, and gets a newer one beside it.
func write(ctx context.Context, m *matter.Move, c Unfinished, b Behalf) error {
	if err := stand(ctx, m, b); err != nil {
		return err
	}
	m.Set("title", c.Title)
	m.Set("category", c.Category)
	m.Matter.Title, m.Matter.Category = c.Title, c.Category
	m.SetUrgent(c.Urgency == Urgent)
	m.Tx.Exec("UPDATE opinions SET confidentiality = ? WHERE matter_id = ?", c.confidentiality(), m.Matter.ID)
	if m.Subject.Status == matter.Draft {
		m.Tx.Exec("UPDATE opinion_versions SET title = ?, situation = ?, analysis = ?, advice = ?, written_at = ? WHERE matter_id = ? AND ordinal = 1",
			c.Title, c.Situation, c.Analysis, c.Advice, m.At, m.Matter.ID)
	} else if err := addVersion(ctx, m, FromAuthor, c, ""); err != nil {
		return err
	}
	return m.ReplaceCoAuthors(ctx, c.CoAuthors)
}

// pictures lets a report have just these pictures, new ones of whoever typed it;
// nil leaves them as they are.
func (s *Service) pictures(ctx context.Context, tx *store.Tx, typist member.Actor, x matter.Matter, ids []string) error {
	return s.files.Replace(ctx, tx, typist, ids, attachment.Reference{MatterID: x.ID, Purpose: attachment.ForMatter, Public: true})
}

// find returns a report's own row.
func find(ctx context.Context, m *matter.Move) (Opinion, error) {
	x, err := gorm.G[Opinion](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID).First(ctx)
	if err != nil {
		return Opinion{}, fmt.Errorf("find an opinion: %w", err)
	}
	return x, nil
}

// Numbers is how reports are numbered: by the year, 社情民意〔2026〕31号.
func Numbers(at time.Time) (scope string, format func(int64) string) {
	year := calendar.Of(at).Year()
	return fmt.Sprint(year), func(n int64) string { return fmt.Sprintf("社情民意〔%d〕%d号", year, n) }
}
