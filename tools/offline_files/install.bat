@echo off
rem Install MediAssist without a network: install.bat [FOLDER]
py -3.11 "%~dp0install.py" %*
if errorlevel 1 pause
