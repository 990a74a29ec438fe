package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Type is the media type of an .xlsx.
const Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

const (
	usualWidth = 14
	// maxOffered is how many characters the choices of a cell may have in all:
	// the file format takes no more in a drop-down list.
	maxOffered = 250
	// blankRows is how far below the heading the template offers choices.
	blankRows = 500
)

// Write writes an .xlsx with one sheet: the heading, which stays in sight, and
// rows of cells in the order of the columns. Every cell is text. A column with
// choices offers them, below the rows as well, so that an empty table is a
// template.
func Write(w io.Writer, title string, columns []Column, rows [][]string) (err error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	heading, err := f.NewStyle(&excelize.Style{
		NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2F2F2"}},
		Alignment: &excelize.Alignment{Vertical: "center"},
	})
	if err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	if err := lay(f, title, columns, len(rows), text, heading); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	for i, row := range rows {
		for j, cell := range row {
			if err := f.SetCellStr(title, at(j, i+2), cell); err != nil {
				return fmt.Errorf("write a sheet: %w", err)
			}
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	return nil
}

// lay writes the heading, and what holds for whole columns.
func lay(f *excelize.File, title string, columns []Column, rows, text, heading int) error {
	for i, c := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		width := c.Width
		if width == 0 {
			width = usualWidth
		}
		name := c.Name
		if c.Required {
			name += "*"
		}
		for _, err := range []error{
			f.SetColWidth(title, letter, letter, float64(width)), f.SetColStyle(title, letter, text),
			f.SetCellStr(title, at(i, 1), name), f.SetCellStyle(title, at(i, 1), at(i, 1), heading), offer(f, title, letter, c, rows),
		} {
			if err != nil {
				return err
			}
		}
		if c.Note == "" {
			continue
		}
		err = f.AddComment(title, excelize.Comment{Cell: at(i, 1), Author: "言路", Paragraph: []excelize.RichTextRun{{Text: c.Note}}})
		if err != nil {
			return err
		}
	}
	return f.SetPanes(title, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// offer lets the cells of a column be chosen from its choices.
func offer(f *excelize.File, title, letter string, c Column, rows int) error {
	n := 0
	for _, choice := range c.Choices {
		n += len(choice) + 1
	}
	if n == 0 || n > maxOffered {
		return nil
	}
	v := excelize.NewDataValidation(!c.Required)
	v.SetSqref(fmt.Sprintf("%s2:%s%d", letter, letter, rows+blankRows+1))
	if err := v.SetDropList(c.Choices); err != nil {
		return err
	}
	return f.AddDataValidation(title, v)
}

// at names the cell of a column, from 0, in a line, from 1.
func at(column, line int) string {
	name, err := excelize.CoordinatesToCellName(column+1, line)
	if err != nil {
		panic(err) // both are ours
	}
	return name
}
