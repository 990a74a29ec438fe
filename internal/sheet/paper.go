package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Paper is a sheet that is there to be printed and signed: A4 across, with a title, a
// line below it, and tables with lines around their cells, one below the other.
type Paper struct {
	Name   string // of the sheet
	Title  string
	Note   string // below the title
	Widths []int  // of the columns that the tables share, in characters
	Tables []Grid
}

// Grid is one table of a paper.
type Grid struct {
	Title   string // above it; empty: none
	Heading []string
	Rows    [][]string
	Tall    bool // its rows leave room to sign
}

const (
	paperA4   = 9
	tallRow   = 36 // points
	titleRow  = 30
	titleSize = 18
)

// paperStyles are how the cells of a paper look.
type paperStyles struct{ title, note, over, heading, cell int }

// WritePaper writes a paper as an .xlsx. Every cell is text. The title and the heading
// of the first table stand on every page.
func WritePaper(w io.Writer, p Paper) (err error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := drawPaper(f, p); err != nil {
		return fmt.Errorf("write a paper: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write a paper: %w", err)
	}
	return nil
}

func drawPaper(f *excelize.File, p Paper) error {
	if err := f.SetSheetName("Sheet1", p.Name); err != nil {
		return err
	}
	styles, err := stylesOf(f)
	if err != nil {
		return err
	}
	if err := layPaper(f, p); err != nil {
		return err
	}
	if err := span(f, p, 1, p.Title, styles.title, titleRow); err != nil {
		return err
	}
	if err := span(f, p, 2, p.Note, styles.note, 0); err != nil {
		return err
	}
	line := 3
	for i, g := range p.Tables {
		if g.Title != "" {
			if err := span(f, p, line+1, g.Title, styles.over, 0); err != nil {
				return err
			}
			line += 2 // one stays empty
		}
		if i == 0 {
			titles := &excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", p.Name, line), Scope: p.Name}
			if err := f.SetDefinedName(titles); err != nil {
				return err
			}
		}
		if err := drawGrid(f, p.Name, line, g, styles); err != nil {
			return err
		}
		line += 1 + len(g.Rows)
	}
	return nil
}

// layPaper sets the page and the columns.
func layPaper(f *excelize.File, p Paper) error {
	across, a4, wide, high, margin := "landscape", paperA4, 1, 0, 0.5
	fit := true
	if err := f.SetPageLayout(p.Name, &excelize.PageLayoutOptions{Orientation: &across, Size: &a4, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	if err := f.SetSheetProps(p.Name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageMargins(p.Name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Horizontally: &fit}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(p.Name, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页，共 &N 页"}); err != nil {
		return err
	}
	for i, width := range p.Widths {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetColWidth(p.Name, letter, letter, float64(width)); err != nil {
			return err
		}
	}
	return nil
}

// span writes a line across all columns.
func span(f *excelize.File, p Paper, line int, words string, style int, height float64) error {
	from, to := at(0, line), at(len(p.Widths)-1, line)
	if height > 0 {
		if err := f.SetRowHeight(p.Name, line, height); err != nil {
			return err
		}
	}
	if err := f.MergeCell(p.Name, from, to); err != nil {
		return err
	}
	if err := f.SetCellStr(p.Name, from, words); err != nil {
		return err
	}
	return f.SetCellStyle(p.Name, from, to, style)
}

// drawGrid writes a table, from a line on.
func drawGrid(f *excelize.File, name string, line int, g Grid, styles paperStyles) error {
	for i, row := range append([][]string{g.Heading}, g.Rows...) {
		style := styles.cell
		if i == 0 {
			style = styles.heading
		} else if g.Tall {
			if err := f.SetRowHeight(name, line+i, tallRow); err != nil {
				return err
			}
		}
		for j, cell := range row {
			if err := f.SetCellStr(name, at(j, line+i), cell); err != nil {
				return err
			}
		}
		if err := f.SetCellStyle(name, at(0, line+i), at(len(g.Heading)-1, line+i), style); err != nil {
			return err
		}
	}
	return nil
}

func stylesOf(f *excelize.File) (s paperStyles, err error) {
	var lines []excelize.Border
	for _, side := range []string{"left", "top", "right", "bottom"} {
		lines = append(lines, excelize.Border{Type: side, Color: "000000", Style: 1})
	}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	for _, x := range []struct {
		into  *int
		style excelize.Style
	}{
		{&s.title, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true, Size: titleSize}, Alignment: middle}},
		{&s.note, excelize.Style{NumFmt: 49, Alignment: middle}},
		{&s.over, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center"}}},
		{&s.heading, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Border: lines, Alignment: middle}},
		{&s.cell, excelize.Style{NumFmt: 49, Border: lines, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}}},
	} {
		if *x.into, err = f.NewStyle(&x.style); err != nil {
			return s, err
		}
	}
	return s, nil
}
